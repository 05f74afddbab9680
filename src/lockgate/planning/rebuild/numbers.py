"""The sequences of a table and of the one that takes its place: identities have one each, serial columns share it."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state.names import generated_name
from lockgate.planning.rebuild.twin import Twin, suffixed
from lockgate.sql.identifiers import QualifiedName, literal, quote

_OTHER = {"LOGGED": "UNLOGGED", "UNLOGGED": "LOGGED"}


def continued(twin: Twin, target: QualifiedName, source: QualifiedName) -> Iterator[str]:
    """The sequence of an identity of one table goes on where that of the other one stands."""
    suffixes = {twin.new: "_new", twin.old: "_old"}
    for sequence in _identities(twin):
        mine = _called(twin, sequence, suffixes.get(target, ""))
        other = _called(twin, sequence, suffixes.get(source, ""))
        yield f"SELECT setval({literal(mine.sql)}, last_value, is_called) FROM {other.sql}"


def renamed(twin: Twin, before: str, after: str) -> Iterator[str]:
    """The sequences of identities are called like their table again."""
    for sequence in _identities(twin):
        name = _called(twin, sequence, before)
        yield f"ALTER SEQUENCE {name.sql} RENAME TO {quote(_called(twin, sequence, after).name)}"


def typed(twin: Twin) -> Iterator[str]:
    """LIKE makes the sequence of every identity one of bigint; that of a column of another type gets its type again."""
    for item in twin.snapshot.sequences_of(twin.table.name):
        column = item.owned_by[2] if item.internal and item.owned_by else None
        if column and column != twin.shape.retyped and item.numbers.type != "bigint":
            yield f"ALTER SEQUENCE {_called(twin, item.name, '_new').sql} AS {item.numbers.type}"


def taken(twin: Twin, table: QualifiedName, generated: str) -> Iterator[str]:
    """Whether an identity that gives its own numbers takes those of copied rows."""
    for column in twin.table.columns:
        if column.identity == "ALWAYS":
            yield f"ALTER TABLE {table.sql} ALTER COLUMN {quote(column.column)} SET GENERATED {generated}"


def owned(twin: Twin, owner: QualifiedName) -> Iterator[str]:
    """The sequences behind serial columns belong to the table in use, and are logged as it is."""
    forth = owner == twin.table.name
    logging = twin.shape.logging if forth else _OTHER.get(twin.shape.logging, "")
    for item in twin.snapshot.sequences_of(twin.table.name):
        if not item.internal and item.owned_by:
            yield f"ALTER SEQUENCE {item.name.sql} OWNED BY {owner.sql}.{quote(item.owned_by[2])}"
            if logging and twin.snapshot.major >= 15:
                yield f"ALTER SEQUENCE {item.name.sql} SET {logging}"


def _identities(twin: Twin) -> list[QualifiedName]:
    return [item.name for item in twin.snapshot.sequences_of(twin.table.name) if item.internal]


def _called(twin: Twin, sequence: QualifiedName, suffix: str) -> QualifiedName:
    """What the sequence of an identity is called: that of the new table got its name from the server."""
    if suffix != "_new":
        return QualifiedName(sequence.schema, suffixed(sequence.name, suffix))
    column = next(
        item.owned_by[2]
        for item in twin.snapshot.sequences_of(twin.table.name)
        if item.name == sequence and item.owned_by
    )
    return QualifiedName(sequence.schema, generated_name(twin.new.name, column, "seq"))
