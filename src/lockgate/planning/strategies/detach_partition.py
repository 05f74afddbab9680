"""Detach a partition without stopping its parent.

Concurrently the server waits for the queries that use the parent, not they for it. It then wants a CHECK on the table
that says what its bound said, so that it can come back without being read: that CHECK is added and validated first,
under a name that is known. A parent with a default partition cannot do it concurrently: there it is one short lock.
"""

from __future__ import annotations

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.state.names import generated_name, range_var
from lockgate.analysis.view import Relation
from lockgate.planning.changes import Part, unproved_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import deparse


def plan(question: Question) -> Answer | None:
    """Prove the bound, then detach behind a gate; None for a bound that no CHECK over columns can say."""
    part = question.command["def"]["PartitionCmd"]
    child = question.state.relation(*range_var(part["name"]))
    if child is None or child.partition_bound is None or child.is_new:
        return None
    condition = bound_condition(question.table.partition_key, child.partition_bound.spec)
    if not condition:
        return None
    name = generated_name(child.name.name, "", "bound")
    bound = quote(name)
    table, alter = child.name, f"ALTER TABLE {child.name.sql}"
    proofs = (
        Part(
            PhaseKind.EXPAND,
            f"say the bound of {table.name}",
            (f"{alter} ADD CONSTRAINT {bound} CHECK ({condition}) NOT VALID",),
            (f"{alter} DROP CONSTRAINT {bound}",),
        ),
        Part(
            PhaseKind.MIGRATE,
            f"validate the bound of {table.name}",
            (f"{alter} VALIDATE CONSTRAINT {bound}",),
            (unproved_again(table, name, f"CHECK ({condition}) NOT VALID"),),
            one_by_one=True,
        ),
    )
    return Answer(f"detach-{table.name}", (*proofs, _detached(question, child)), _notes(question, child))


def _detached(question: Question, child: Relation) -> Part:
    parent, short = question.table.name, _has_default(question)
    word = "" if short else " CONCURRENTLY"
    return Part(
        PhaseKind.CONTRACT,
        f"detach {child.name.name}",
        (f"ALTER TABLE {parent.sql} DETACH PARTITION {child.name.sql}{word}",),
        (_attached(question, child),),
        gate=f"no query looks for the rows of {child.name.name} in {parent.name}",
        one_by_one=not short,
        accepts=(
            ("detach-partition-not-concurrent", "a default partition does not let it be done concurrently"),
        ),
    )


def _attached(question: Question, child: Relation) -> str:
    assert child.partition_bound is not None
    name = {"schemaname": child.name.schema, "relname": child.name.name, "inh": True, "relpersistence": "p"}
    part = {"PartitionCmd": {"name": name, "bound": child.partition_bound.spec}}
    command = {"subtype": "AT_AttachPartition", "def": part, "behavior": "DROP_RESTRICT"}
    tree = {**question.statement.tree, "cmds": [{"AlterTableCmd": command}]}
    return deparse({"AlterTableStmt": tree})


def _has_default(question: Question) -> bool:
    children = map(question.state.known, question.state.children(question.table.name))
    return any(child.partition_bound is not None and child.partition_bound.default for child in children)


def _notes(question: Question, child: Relation) -> tuple[str, ...]:
    notes = [
        f"{child.name.name} keeps the CHECK that says its bound: with it, it can be attached again without a scan"
    ]
    if _has_default(question):
        notes.append(
            f"{question.table.name.name} has a default partition: the detachment takes a moment's ACCESS EXCLUSIVE lock"
        )
    return tuple(notes)


STRATEGY = Strategy(
    "detach-partition",
    ("AT_DetachPartition",),
    plan,
    __doc__ or "",
    "ALTER TABLE events DETACH PARTITION events_2025",
)
