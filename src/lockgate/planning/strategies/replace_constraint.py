"""Replace a constraint by another of the same name, without a moment in which neither holds.

Dropped first and added later, rows that both forbid come in between, and the second one then fails. So the new one
comes under another name, is validated (or gets its index) while reads and writes go on, and takes the name in the short
transaction that drops the old one.
"""

from __future__ import annotations

from lockgate.analysis.rules.column_facts import is_not_null
from lockgate.analysis.state.names import range_var
from lockgate.analysis.view import Constraint
from lockgate.planning.changes import Part
from lockgate.planning.constraints import (
    KEYS,
    again,
    dropped_constraint,
    holds_online,
    named,
    renamed_constraint,
)
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.strategies.set_not_null import required
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import Node, Statement

_KINDS = {
    "CONSTR_CHECK": "check",
    "CONSTR_FOREIGN": "foreign key",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_PRIMARY": "primary key",
}
_ACCEPTS = tuple(
    (rule, "its successor takes its place in the same transaction")
    for rule in ("drop-constraint", "drop-primary-key", "rename-other-object")
)


def plan(question: Question) -> Answer | None:
    """Add beside, prove, exchange; None when nothing of that name is added later in the same file."""
    table, name = question.table, question.command["name"]
    old = table.constraint(name)
    found = next(((n, s) for n, s in enumerate(question.rest) if _adds(s, question, name)), None)
    if old is None or found is None or not holds_online(question, old):
        return None
    number, statement = found
    back = again(question, old)
    kind = _KINDS.get(_constraint(statement).get("contype", ""), "")
    if back is None or not kind:
        return None
    new = derived_name(name, suffix="_new")
    if kind in KEYS:
        parts = _over_index(question, statement, old, new, back)
    else:
        parts = _validated(question, statement, new, back)
    if parts is None:
        return None
    return Answer(f"replace-{table.name.name}-{name}", parts, taken=(number,))


def _adds(statement: Statement, question: Question, name: str) -> bool:
    if statement.kind != "AlterTableStmt":
        return False
    commands = statement.tree.get("cmds", [])
    command = commands[0]["AlterTableCmd"] if len(commands) == 1 else {}
    if command.get("subtype") != "AT_AddConstraint" or command["def"]["Constraint"].get("conname") != name:
        return False
    found = question.state.relation(*range_var(statement.tree["relation"]))
    return found is not None and found.name == question.table.name


def _constraint(statement: Statement) -> Node:
    found: Node = statement.tree["cmds"][0]["AlterTableCmd"]["def"]["Constraint"]
    return found


def _validated(question: Question, statement: Statement, new: str, back: tuple[str, ...]) -> tuple[Part, ...]:
    table, name = question.table, question.command["name"]
    validate = f"ALTER TABLE {table.name.sql} VALIDATE CONSTRAINT {quote(new)}"
    add = (named(statement, new, not_valid=True), *(() if _stays_open(statement) else (validate,)))
    return (
        Part(PhaseKind.MIGRATE, f"add {new}", add, (dropped_constraint(table, new),), one_by_one=True),
        Part(
            PhaseKind.CONTRACT,
            f"replace {name}",
            (dropped_constraint(table, name), renamed_constraint(table, new, name)),
            (renamed_constraint(table, name, new), *back),
            accepts=_ACCEPTS,
        ),
    )


def _stays_open(statement: Statement) -> bool:
    return bool(_constraint(statement).get("skip_validation"))


def _over_index(
    question: Question, statement: Statement, old: Constraint, new: str, back: tuple[str, ...]
) -> tuple[Part, ...] | None:
    table, name, node = question.table, question.command["name"], _constraint(statement)
    columns = [item["String"]["sval"] for item in node.get("keys", ())]
    if not columns or node.get("indexname") or old.kind not in KEYS:
        return None
    included = ", ".join(quote(item["String"]["sval"]) for item in node.get("including", ()))
    build = f"CREATE UNIQUE INDEX CONCURRENTLY {quote(new)} ON {table.name.sql}"
    build += f" ({', '.join(map(quote, columns))})" + (f" INCLUDE ({included})" if included else "")
    build += " NULLS NOT DISTINCT" if node.get("nulls_not_distinct") else ""
    kind = _KINDS[node["contype"]].upper()
    deferred = (" DEFERRABLE" if node.get("deferrable") else "") + (
        " INITIALLY DEFERRED" if node.get("initdeferred") else ""
    )
    take = (
        f"ALTER TABLE {table.name.sql} ADD CONSTRAINT {quote(name)} {kind} USING INDEX {quote(new)}{deferred}"
    )
    drop_new = f"DROP INDEX CONCURRENTLY {QualifiedName(table.name.schema, new).sql}"
    aside = derived_name(name, suffix="_old")
    rebuilt = back[0].replace(f" {quote(name)} ON", f" {quote(aside)} ON", 1)
    returned = back[1].replace(f"USING INDEX {quote(name)}", f"USING INDEX {quote(aside)}", 1)
    nullable = [one for one in columns if kind == "PRIMARY KEY" and not is_not_null(table, one)]
    return (
        *(part for one in nullable for part in required(question, one)),
        Part(PhaseKind.MIGRATE, f"index {new}", (build,), (drop_new,), one_by_one=True),
        Part(
            PhaseKind.CONTRACT,
            f"replace {name}",
            (dropped_constraint(table, name), take),
            (rebuilt, "BEGIN", dropped_constraint(table, name), returned, "COMMIT", build),
            accepts=_ACCEPTS,
        ),
    )


STRATEGY = Strategy(
    "replace-constraint",
    ("AT_DropConstraint",),
    plan,
    __doc__ or "",
    "ALTER TABLE users DROP CONSTRAINT users_age_check, ADD CONSTRAINT users_age_check CHECK (age < 200)",
)
