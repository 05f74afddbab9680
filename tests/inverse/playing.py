"""Applies statements with what must be kept, undoes them, and compares schema and rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lockgate.catalog import Scope, Snapshot, diff, read
from lockgate.catalog.model import Table
from lockgate.inverse import Inverse, Setting, derive, search_paths, segments, together, with_checks
from lockgate.sql.parse import parse

Connection = psycopg.Connection[Any]


def scope_of(sql: str) -> Scope:
    """Roles belong to the server, where other tests make theirs; they are read only where the case is about them."""
    return Scope(platform=True, roles="ROLE" in sql.upper())


def execute(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.execute(statement)  # type: ignore[call-overload]


def rows(connection: Connection, snapshot: Snapshot) -> dict[str, list[str]]:
    """Every row of every table as text, sorted; columns by name, so that their order does not matter."""
    found = {}
    for name, table in snapshot.tables.items():
        if table.server or table.is_partitioned or not _may_read(connection, table):
            continue
        columns = ", ".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in sorted(table.column_names))
        query = f"SELECT ROW({columns})::text FROM ONLY {name.sql}"
        found[str(name)] = sorted(text for (text,) in connection.execute(query).fetchall())
    return found


def _may_read(connection: Connection, table: Table) -> bool:
    """The platform's own secrets are closed to those who run migrations."""
    query = "SELECT has_table_privilege(%s::oid, 'SELECT')"
    (allowed,) = connection.execute(query, (table.oid,)).fetchone() or (False,)
    return bool(allowed)


@dataclass
class Result:
    inverse: Inverse
    schema: list[str] = field(default_factory=list)
    lost: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def exact(self) -> bool:
        return self.inverse.possible and not self.schema and not self.lost and self.error is None


@dataclass(frozen=True)
class Start:
    """What every case of a database begins with: its schema and its rows, read once."""

    schema: Snapshot
    rows: dict[str, list[str]]


def start(connection: Connection, sql: str = "") -> Start:
    """The schema and the rows as they are now."""
    schema = read(connection, scope_of(sql), often=True)
    return Start(schema, rows(connection, schema))


def derive_on(connection: Connection, sql: str) -> list[Inverse]:
    """The inverses of a file's segments; nothing stays changed."""
    return _derive_on(connection, sql, read(connection, scope_of(sql), often=True))[0]


def _derive_on(connection: Connection, sql: str, first: Snapshot) -> tuple[list[Inverse], Snapshot]:
    """The inverses, and the schema after the whole file."""
    script = parse(sql)
    paths = search_paths(script.statements, ("public",))
    found = []
    with connection.transaction(force_rollback=True):
        before = first
        parts = {part.statements[-1].index: part for part in segments(script.statements)}
        for statement in script.statements:
            execute(connection, [statement.sql])
            if statement.index not in parts:
                continue
            part = parts[statement.index]
            after = read(connection, scope_of(sql), often=True)
            setting = Setting("20250101000000", paths[part.statements[0].index])
            found.append(derive(part.statements, before, after, setting, first))
            before = after
    return found, before


def apply_keeping(connection: Connection, sql: str, inverses: Iterable[Inverse]) -> None:
    script = parse(sql)
    by_statement = {one.statements[0]: one for one in inverses if one.keeps}
    for statement in script.statements:
        keeps = by_statement[statement.index].keeps if statement.index in by_statement else ()
        execute(connection, [line for keep in keeps for line in keep.before])
        instead = next((keep.instead for keep in keeps if keep.instead), None)
        execute(connection, [instead or statement.sql])
        execute(connection, [line for keep in keeps for line in keep.after])


def _holds(connection: Connection, condition: str) -> bool:
    (holds,) = connection.execute(f"SELECT {condition}").fetchone() or (False,)
    return bool(holds)


def round_trip(connection: Connection, sql: str, begin: Start | None = None) -> Result:
    """Derive, apply, undo, compare; nothing stays changed. ``begin`` is how the database is now."""
    if begin is None or "ROLE" in sql.upper():
        begin = start(connection, sql)
    inverses, applied = _derive_on(connection, sql, begin.schema)
    whole = with_checks(together(inverses), begin.schema, applied)
    result = Result(whole)
    if not whole.possible:
        return result
    with connection.transaction(force_rollback=True):
        before, held = begin.schema, begin.rows
        try:
            apply_keeping(connection, sql, inverses)
            execute(connection, whole.sql or ())
            failed = [check.message for check in whole.checks if not _holds(connection, check.sql)]
        except psycopg.Error as error:
            result.error = f"{error} {getattr(error.diag, 'internal_query', '') or ''}"
            return result
        after = read(connection, scope_of(sql), often=True)
        result.error = "; ".join(failed) or None
        result.schema = [str(item) for item in diff(after, before).without_order]
        now = rows(connection, after)
        names = held.keys() | now.keys()
        result.lost = {
            name: (held.get(name), now.get(name)) for name in names if held.get(name) != now.get(name)
        }
    return result
