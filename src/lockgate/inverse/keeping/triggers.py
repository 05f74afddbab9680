"""Putting rows back without waking what listens: triggers and row security of the table stand aside meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.catalog.model import Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName, quote

_PLATFORM_OWNERS = "supabase_"
_ENABLE = {"origin": "ENABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


def undisturbed(
    statements: Iterable[str], table: QualifiedName, schemas: Iterable[Snapshot]
) -> tuple[str, ...]:
    """Statements on a table between switching off what would interfere and switching it on again.

    ``schemas`` are the schemas that the table passes through while they run: only triggers that stand in all of them
    can be switched. Triggers of the platform's own tables cannot; there the session steps around them.
    """
    shown = list(schemas)
    first = shown[0].tables.get(table)
    if first is None:
        return tuple(statements)
    if is_of_the_platform(first):
        return _beside_the_platform(tuple(statements), first)
    names = set.intersection(*({one.address.part for one in schema.triggers_of(table)} for schema in shown))
    active = [
        (trigger.address.part, trigger.enabled)
        for trigger in shown[0].triggers_of(table)
        if trigger.address.part in names and trigger.enabled != "disabled"
    ]
    begin = f"ALTER TABLE {table.sql}"
    apart = [f"{begin} DISABLE TRIGGER {quote(name)}" for name, _ in active]
    back = [f"{begin} {_ENABLE[state]} TRIGGER {quote(name)}" for name, state in active]
    if _forces_row_security(table, shown):
        apart.append(f"{begin} NO FORCE ROW LEVEL SECURITY")
        back.append(f"{begin} FORCE ROW LEVEL SECURITY")
    return (*apart, *statements, *back)


def is_of_the_platform(table: Table) -> bool:
    """Whether a role of the hosted platform owns a table, so that no migration can alter it."""
    return (table.owner or "").startswith(_PLATFORM_OWNERS)


def _beside_the_platform(statements: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """Deletions go the way that the platform leaves open; its foreign keys must go on judging them."""
    if any(line.startswith("DELETE ") for line in statements):
        setting, value = (
            ("storage.allow_delete_query", "'true'") if table.name.schema == "storage" else ("", "")
        )
    else:
        setting, value = "session_replication_role", "replica"
    if not setting:
        return statements
    return (f"SET LOCAL {setting} = {value}", *statements, f"SET LOCAL {setting} TO DEFAULT")


def _forces_row_security(table: QualifiedName, shown: list[Snapshot]) -> bool:
    tables = (schema.tables.get(table) for schema in shown)
    return all(isinstance(one, Table) and one.force_row_security for one in tables)
