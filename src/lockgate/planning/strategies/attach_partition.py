"""Attach a table as a partition without reading it while nobody can use it.

A CHECK that says what the bound says is added NOT VALID and validated while reads and writes go on; the server then
believes it and reads nothing. The default partition, where there is one, gets the opposite CHECK for the same reason:
from then until the attachment it refuses rows that belong into the new partition, so a gate stands before that.
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.partition_facts import bound_condition
from lockgate.analysis.state.names import generated_name, range_var
from lockgate.analysis.view import Relation
from lockgate.planning.changes import Part, unproved_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """Prove, attach, drop the proofs; None for a bound that no CHECK over one column can say."""
    part = question.command["def"]["PartitionCmd"]
    child = question.state.relation(*range_var(part["name"]))
    condition = bound_condition(question.table.partition_key, part.get("bound", {}))
    if child is None or child.is_new or not condition:
        return None
    proofs = [(child, f"CHECK ({condition})"), *_of_default(question, condition)]
    parent = question.table.name
    attached = (question.statement.sql, *(_dropped(table) for table, _ in proofs))
    detached = (f"ALTER TABLE {parent.sql} DETACH PARTITION {child.name.sql}", *_proved(proofs))
    parts = [
        Part(
            PhaseKind.EXPAND,
            f"bound {child.name.name}",
            tuple(_added(table, check) for table, check in proofs),
            tuple(_dropped(table) for table, _ in reversed(proofs)),
            gate=_gate(child, proofs),
        ),
        Part(
            PhaseKind.MIGRATE,
            f"validate the bound of {child.name.name}",
            tuple(_validated(table) for table, _ in proofs),
            tuple(unproved_again(table.name, _name(table), f"{check} NOT VALID") for table, check in proofs),
            one_by_one=True,
        ),
        Part(
            PhaseKind.CONTRACT,
            f"attach {child.name.name} to {parent.name}",
            attached,
            detached,
            accepts=(("drop-constraint", "the bound of the partition says the same"),),
            application=f"may find the rows of {child.name.name} in {parent.name}",
        ),
    ]
    return Answer(f"attach-{child.name.name}", tuple(parts), _notes(question, child))


def _of_default(question: Question, condition: str) -> Iterator[tuple[Relation, str]]:
    for name in question.state.children(question.table.name):
        found = question.state.known(name)
        if found.partition_bound is not None and found.partition_bound.default:
            yield found, f"CHECK (NOT ({condition}))"


def _gate(child: Relation, proofs: list[tuple[Relation, str]]) -> str | None:
    if len(proofs) < 2:
        return None
    return (
        f"no row that belongs into {child.name.name} is in {proofs[1][0].name.name},"
        " and none is written until it is attached"
    )


def _name(table: Relation) -> str:
    return generated_name(table.name.name, "", "bound")


def _proof(table: Relation) -> str:
    return quote(_name(table))


def _added(table: Relation, check: str) -> str:
    return f"ALTER TABLE {table.name.sql} ADD CONSTRAINT {_proof(table)} {check} NOT VALID"


def _validated(table: Relation) -> str:
    return f"ALTER TABLE {table.name.sql} VALIDATE CONSTRAINT {_proof(table)}"


def _dropped(table: Relation) -> str:
    return f"ALTER TABLE {table.name.sql} DROP CONSTRAINT {_proof(table)}"


def _proved(proofs: list[tuple[Relation, str]]) -> Iterator[str]:
    for table, check in proofs:
        yield _added(table, check)
        yield _validated(table)


def _notes(question: Question, child: Relation) -> tuple[str, ...]:
    parent = question.table
    missing = [index.name.name for index in parent.indexes]
    if not missing:
        return ()
    lacking = (
        f"an index of {parent.name.name} that {child.name.name} does not have is built while it is attached"
    )
    return (f"{lacking}, and stays when it is detached: make it concurrently first ({', '.join(missing)})",)


STRATEGY = Strategy(
    "attach-partition",
    ("AT_AttachPartition",),
    plan,
    __doc__ or "",
    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
)
