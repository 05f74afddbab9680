"""Triggers that would fire on every chunk: found before the first one, kept or skipped."""

from __future__ import annotations

from lockgate.chunks.table import Connection, Table, Trigger
from lockgate.errors import UnfitTargetError
from lockgate.migration.chunked.statement import Kind


def firing(table: Table, kind: Kind, columns: frozenset[str]) -> tuple[Trigger, ...]:
    """The user's triggers that a statement fires on a table; those of foreign keys are not among them."""
    touched = table.touched_by(columns)
    return tuple(t for t in table.triggers if not t.keeps_constraint and _fires(t, kind, touched))


def notes_on(triggers: tuple[Trigger, ...], skipped: bool) -> tuple[str, ...]:
    """What the user should know about them."""
    if not triggers:
        return ()
    names = ", ".join(f"{trigger.name} ({trigger.function})" for trigger in triggers)
    if skipped:
        always = [trigger.name for trigger in triggers if trigger.always]
        kept = f"; {', '.join(always)} fires all the same (ENABLE ALWAYS)" if always else ""
        return (f"skipped on every row: {names}{kept}",)
    advice = "an audit trail or updated_at will show the backfill; --triggers skip leaves them out, where permitted"
    return (f"fires on every row: {names} ({advice})",)


def check_skipping(connection: Connection, table: Table, kind: Kind, columns: frozenset[str]) -> None:
    """Make sure that triggers may be skipped; raises UnfitTargetError where that would be refused or do harm."""
    row = connection.execute(
        "SELECT rolsuper OR pg_catalog.has_parameter_privilege('session_replication_role', 'SET')"
        " FROM pg_catalog.pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row is None or not row[0]:
        raise UnfitTargetError(
            "This role may not skip triggers.",
            state="nothing was changed",
            why="it takes a superuser, or GRANT SET ON PARAMETER session_replication_role",
            next_steps=["leave triggers=skip out, or connect as a role that may"],
        )
    keeping = [t for t in table.triggers if t.keeps_constraint and _fires(t, kind, table.touched_by(columns))]
    if keeping and _foreign_keys_concerned(connection, table, kind, columns):
        raise UnfitTargetError(
            f"Triggers on {table.name} cannot be skipped for this statement.",
            state="nothing was changed",
            why="foreign keys are kept by triggers too, and would not be checked",
            next_steps=["leave triggers=skip out"],
        )


def _fires(trigger: Trigger, kind: Kind, columns: frozenset[str]) -> bool:
    if kind == "insert":
        return trigger.on_insert
    if kind == "delete":
        return trigger.on_delete
    return trigger.on_update and (not trigger.of_columns or bool(columns & set(trigger.of_columns)))


def _foreign_keys_concerned(
    connection: Connection, table: Table, kind: Kind, columns: frozenset[str]
) -> bool:
    rows = connection.execute(
        "SELECT conrelid = %(table)s::oid, ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute"
        " WHERE attrelid = %(table)s::oid"
        " AND attnum = ANY (CASE WHEN conrelid = %(table)s::oid THEN conkey ELSE confkey END))"
        " FROM pg_catalog.pg_constraint WHERE contype = 'f' AND %(table)s::oid IN (conrelid, confrelid)",
        {"table": table.oid},
    ).fetchall()
    if kind == "update":
        return any(columns & set(names) for _, names in rows)
    return any(outgoing == (kind == "insert") for outgoing, _ in rows)
