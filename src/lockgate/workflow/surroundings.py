"""What stands around the pending migrations and is said before the first of them: event triggers, subscribers, plans.

Nothing here stops a run. A *warning* is about something that may break elsewhere, a *note* is worth knowing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import psycopg

from lockgate.engine.blockers import regclass_text
from lockgate.migration.model import Migration
from lockgate.planning.plan import Plan
from lockgate.sql import queries
from lockgate.sql.parse import Statement
from lockgate.types import LockMode

_PLATFORM_OWNERS: Final = ("supabase_admin", "rds_superuser", "cloudsqladmin", "azuresu")
_CHANGES_ROWS: Final = {"AT_AlterColumnType", "AT_DropColumn"}
_CHANGES_RESULTS: Final = {*_CHANGES_ROWS, "AT_AddColumn"}
_RENAMED: Final = ("OBJECT_TABLE", "OBJECT_COLUMN")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know before the migrations run."""

    severity: Literal["warning", "note"]
    text: str

    def to_json(self) -> dict[str, str]:
        """The remark as the machine output has it."""
        return {"severity": self.severity, "text": self.text}


def look(
    connection: psycopg.Connection[Any], pending: Sequence[tuple[Migration, Plan]]
) -> tuple[Remark, ...]:
    """Everything that should be said before some migrations; three small queries at most."""
    if not pending:
        return ()
    results = _there(connection, dict(_changed(pending, _CHANGES_RESULTS)))
    rows = dict(_changed(pending, _CHANGES_ROWS))
    return (
        *_event_triggers(connection),
        *_subscribers(connection, {name: rows[name] for name in results if name in rows}),
        *_cached_plans(results),
    )


def _there(connection: psycopg.Connection[Any], changed: dict[str, str]) -> dict[str, str]:
    """Those of some relations that are there already; what a pending file creates has no readers yet."""
    if not changed:
        return changed
    found = connection.execute(
        "SELECT place FROM unnest(%s::text[]) WITH ORDINALITY AS w (name, place) WHERE to_regclass(name) IS NOT NULL",
        [[regclass_text(name) for name in changed]],
    )
    names = list(changed)
    return {names[place - 1]: changed[names[place - 1]] for (place,) in found}


def _event_triggers(connection: psycopg.Connection[Any]) -> Iterator[Remark]:
    for name, event, function, owner in connection.execute(
        queries.read("lockgate.workflow", "event_triggers")
    ):
        text = f"event trigger {name} runs {function}() at {event} of every change of the schema"
        yield Remark("note" if owner in _PLATFORM_OWNERS else "warning", f"{text} (owner {owner})")


def _subscribers(connection: psycopg.Connection[Any], changed: dict[str, str]) -> Iterator[Remark]:
    if not changed:
        return
    rows = connection.execute(queries.read("lockgate.workflow", "published"), [list(changed)]).fetchall()
    for relation, publications, slots in rows:
        yield Remark(
            "warning",
            f"{relation} is published ({publications}; {slots} logical slots): {changed[relation]} is not"
            " replicated, and subscribers stop at the first row that does not fit until they have the same change",
        )


def _cached_plans(changed: dict[str, str]) -> Iterator[Remark]:
    if changed:
        names = ", ".join(sorted(changed)[:5]) + (" and others" if len(changed) > 5 else "")
        yield Remark(
            "note",
            f"sessions that keep SELECT * of {names} prepared fail once with 'cached plan must not change result"
            " type' (0A000); most drivers prepare anew, others need DISCARD ALL or a new connection",
        )


def _changed(pending: Sequence[tuple[Migration, Plan]], commands: set[str]) -> Iterator[tuple[str, str]]:
    """The relations whose rows change their shape, with what is done to them."""
    for migration, plan in pending:
        statements = migration.script.statements
        for step in plan.steps:
            if any(_is_among(statements[n], commands) for n in step.statements if n < len(statements)):
                title = f"{step.title[:80]!r} of {migration.version}"
                yield from ((k.relation, title) for k in step.locks if k.mode is LockMode.ACCESS_EXCLUSIVE)


def _is_among(statement: Statement, commands: set[str]) -> bool:
    if statement.failure:
        return False
    rename = statement.node.get("RenameStmt")
    if rename is not None:
        return rename.get("renameType") in _RENAMED
    table = statement.node.get("AlterTableStmt", {})
    return any(cmd["AlterTableCmd"].get("subtype") in commands for cmd in table.get("cmds", ()))
