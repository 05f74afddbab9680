"""Which keys a table can be walked by, and why the others will not do."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.chunks.table import Index, Key, Table


@dataclass(frozen=True, slots=True)
class Keys:
    """The usable keys, the primary one first, and for each other unique index the reason against it."""

    usable: tuple[Key, ...]
    refused: tuple[tuple[str, str], ...]


def keys_of(table: Table, changed: frozenset[str] = frozenset()) -> Keys:
    """The keys of a table, seen from a statement that changes some columns."""
    usable: list[Key] = []
    refused: list[tuple[str, str]] = []
    for index in table.indexes:
        if not index.is_unique:
            continue
        reason = _objection(table, index, table.touched_by(changed))
        if reason:
            refused.append((index.name, reason))
        else:
            columns = tuple(column for name in index.key_columns if (column := table.column(name)))
            usable.append(Key(index.name, columns, index.is_primary))
    return Keys(tuple(usable), tuple(refused))


def _objection(table: Table, index: Index, changed: frozenset[str]) -> str | None:
    nullable = [name for name in index.key_columns if not (c := table.column(name)) or not c.not_null]
    moving = sorted(changed & set(index.key_columns))
    if index.expression or index.partial:
        return "it is on an expression or on a part of the table"
    if not index.valid:
        return "it is not valid"
    if not index.immediate:
        return "it is deferrable, so duplicates may stand in it for a while"
    if index.method != "btree" or not index.ordinary_order:
        return "it is not in the ordinary order of its columns"
    if nullable:
        return f"{', '.join(nullable)} may be NULL: rows with NULL are not unique and compare with nothing"
    if moving:
        return f"the statement changes {', '.join(moving)}, so rows would move while they are walked"
    return None
