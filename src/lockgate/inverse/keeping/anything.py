"""Keeping whatever a statement does to the rows of some tables: a copy before, and the difference after.

The tables are locked against other writers between the two, so that the difference is the statement's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lockgate.catalog.model import Column, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.keeping.row_losses import delete_by_row
from lockgate.inverse.keeping.side_table import (
    PREPARE,
    Keeper,
    given_back,
    insert_back,
    kept_value,
    key_of,
    matches,
    names,
    stored,
    whole_row,
)
from lockgate.inverse.keeping.triggers import is_of_the_platform, undisturbed
from lockgate.inverse.losses.model import Anything
from lockgate.inverse.model import Impossible, Keep
from lockgate.sql.identifiers import QualifiedName, quote


@dataclass(frozen=True, slots=True)
class _Place:
    """One table: its whole copy, what was there and is not any more, and what is there and was not."""

    table: Table
    columns: tuple[Column, ...]
    key: tuple[str, ...] | None
    copy: QualifiedName
    old: QualifiedName
    new: QualifiedName


def keep_anything(loss: Anything, keeper: Keeper, after: Snapshot) -> Keep | Impossible | None:
    """What a statement changes in some tables, whatever it is."""
    places = list(_places(loss, keeper, after))
    if not places:
        return None
    if keeper.setting.chunked:
        return Impossible("what changes in chunks cannot be told from what others change meanwhile")
    what = f"what changes in {', '.join(str(place.table.name) for place in places)}"
    before = [*PREPARE]
    for place in places:
        before += _copy(place)
    kept = [side for place in places for side in (place.old, place.new)]
    differences = [line for place in places for line in _difference(place)]
    return Keep(
        what,
        tuple(kept),
        before=(*before, "SET LOCAL row_security TO DEFAULT"),
        after=(PREPARE[-1], *differences, *keeper.finish(kept, what)),
        restore=tuple(_restore(places, keeper.before)),
        rows=sum(max(place.table.rows, 0) for place in places),
        bytes=sum(max(place.table.bytes, 0) for place in places),
    )


def _places(loss: Anything, keeper: Keeper, after: Snapshot) -> Iterator[_Place]:
    for name in loss.tables:
        table, now = keeper.before.tables.get(name), after.tables.get(name)
        if table is None or now is None or table.server:
            continue
        columns = tuple(
            column
            for column in stored(table)
            if (other := now.column(column.column)) and (other.type, other.generated) == (column.type, None)
        )
        key = key_of(keeper.before, name)
        usable = key if key and set(key) <= {column.column for column in columns} else None
        yield _Place(table, columns, usable, keeper.name("_copy"), keeper.name("_old"), keeper.name("_new"))


def _copy(place: _Place) -> Iterator[str]:
    name = place.table.name.sql
    yield f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"
    values = [kept_value(column, "source") for column in place.columns]
    shown = ", ".join([*values, f"{whole_row(place.columns, 'source')} AS lockgate_row"])
    yield f"CREATE TABLE {place.copy.sql} AS SELECT {shown} FROM {name} AS source"


def _difference(place: _Place) -> Iterator[str]:
    """Compare by the whole row, counting equal ones, so that a table without a key is compared exactly too."""
    name, copy = place.table.name.sql, place.copy.sql
    row = whole_row(place.columns, "source")
    columns = ", ".join([*(quote(column.column) for column in place.columns), "lockgate_row"])
    identity = [column for column in place.columns if column.column in (place.key or ())]
    kept = ", ".join([*(kept_value(column, "source") for column in identity), f"{row} AS lockgate_row"])
    before = (
        f"SELECT {columns},\n    row_number() OVER (PARTITION BY lockgate_row) AS lockgate_number FROM {copy}"
    )
    now = (
        f"SELECT {kept},\n    row_number() OVER (PARTITION BY {row}) AS lockgate_number FROM {name} AS source"
    )
    same = "other.lockgate_row = one.lockgate_row AND other.lockgate_number = one.lockgate_number"
    shown = f"{names(identity)}, " if identity else ""
    yield (
        f"CREATE TABLE {place.old.sql} AS SELECT {columns} FROM ({before}) AS one\n"
        f"WHERE NOT EXISTS (SELECT FROM ({now}) AS other WHERE {same})"
    )
    yield (
        f"CREATE TABLE {place.new.sql} AS SELECT {shown}lockgate_row FROM ({now}) AS one\n"
        f"WHERE NOT EXISTS (SELECT FROM ({before}) AS other WHERE {same})"
    )
    yield f"DROP TABLE {copy}"


def _restore(places: Sequence[_Place], before: Snapshot) -> Iterator[str]:
    """New rows go, children first; changed ones get their values back; old ones return, parents first."""
    ordered = _parents_first(places, before)
    for place in reversed(ordered):
        yield from undisturbed((_delete(place),), place.table.name, [before])
    for place in ordered:
        changed = [_update(place)] if place.key and len(place.columns) > len(place.key) else []
        lines = (*changed, _insert(place))
        if is_of_the_platform(place.table):
            lines = (_where_needed(lines, place.old),)
        yield from undisturbed(lines, place.table.name, [before])


def _where_needed(lines: Sequence[str], side: QualifiedName) -> str:
    """Statements that are not even looked at where nothing was kept: the platform may forbid them as such."""
    body = "".join(f"    {line};\n" for line in lines)
    return f"DO $back$ BEGIN\n  IF EXISTS (SELECT FROM {side.sql}) THEN\n{body}  END IF;\nEND $back$"


def _parents_first(places: Sequence[_Place], before: Snapshot) -> list[_Place]:
    waiting = list(places)
    ordered: list[_Place] = []
    while waiting:
        names_waiting = {place.table.name for place in waiting}
        free = next((one for one in waiting if not _parents(one, before) & names_waiting), waiting[0])
        waiting.remove(free)
        ordered.append(free)
    return ordered


def _parents(place: _Place, before: Snapshot) -> set[QualifiedName]:
    own = place.table.name
    found = {one.references for one in before.constraints_of(own) if one.references}
    return {name for name in found if name != own}


def _delete(place: _Place) -> str:
    if place.key is None:
        return delete_by_row(place.table, place.columns, place.new)
    was = f"SELECT FROM {place.old.sql} AS old WHERE {_same_key(place, 'old', 'kept')}"
    return (
        f"DELETE FROM {place.table.name.sql} AS target USING {place.new.sql} AS kept\n"
        f"WHERE {matches(place.key, 'target', 'kept', place.table)} AND NOT EXISTS ({was})"
    )


def _same_key(place: _Place, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{quote(name)} = {other}.{quote(name)}" for name in place.key or ())


def _update(place: _Place) -> str:
    key = place.key or ()
    rest = [column for column in place.columns if column.column not in key]
    assignments = ", ".join(f"{quote(column.column)} = {given_back(column, 'kept')}" for column in rest)
    return (
        f"UPDATE {place.table.name.sql} AS target SET {assignments}\n"
        f"FROM {place.old.sql} AS kept WHERE {matches(key, 'target', 'kept', place.table)}"
    )


def _insert(place: _Place) -> str:
    statement = insert_back(place.table, place.columns, place.old)
    if place.key is None:
        return statement
    there = f"SELECT FROM {place.table.name.sql} AS target WHERE "
    return f"{statement}\nWHERE NOT EXISTS ({there}{matches(place.key, 'target', 'kept', place.table)})"
