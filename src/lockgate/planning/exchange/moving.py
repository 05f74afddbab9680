"""The two columns of a pair change names, and NOT NULL, default, sequence and identity go along."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.planning.exchange.pair import Pair
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import deparse_expression

_SEQUENCES = ("smallint", "integer", "bigint")


def moved(pair: Pair, coming: str, going: str, *, forth: bool) -> Iterator[str]:
    """``coming`` takes the column's name, and what has it becomes ``going``."""
    name = pair.column.name
    yield pair.rename(name, going)
    yield pair.rename(coming, name)
    if pair.comment:
        yield pair.said_of(name)
    if pair.identity is not None:
        yield from _identity(pair, coming, going)
        return
    if pair.column.not_null:
        # The old one first, so that the new one gets its constraint's name.
        yield f"{pair.of(going)} DROP NOT NULL"
        yield from pair.require(name, coming)
    if pair.column.default is not None:
        yield from _default(pair, going, forth=forth)
    if pair.sequence is not None:
        yield from _sequence(pair, pair.type if forth else pair.old_type)


def _default(pair: Pair, going: str, *, forth: bool) -> Iterator[str]:
    assert pair.column.default is not None
    value = deparse_expression(pair.column.default)
    name = pair.column.name
    if pair.default == "NULL":
        # It gives another value each time: only the column that is in use may have it.
        yield f"{pair.of(going)} DROP DEFAULT"
        cast = f"({value})::{pair.type}" if forth and pair.sequence is None else value
        yield f"{pair.of(name)} SET DEFAULT {cast}"
    elif forth:
        yield f"{pair.of(going)} DROP DEFAULT"
    else:
        yield f"{pair.of(name)} SET DEFAULT {value}"


def _sequence(pair: Pair, type_words: str) -> Iterator[str]:
    assert pair.sequence is not None
    if type_words in _SEQUENCES and pair.sequence_type != "bigint":
        yield f"ALTER SEQUENCE {pair.sequence.sql} AS {type_words}"
    yield f"ALTER SEQUENCE {pair.sequence.sql} OWNED BY {pair.table.name.sql}.{quote(pair.column.name)}"


def _identity(pair: Pair, name: str, going: str) -> Iterator[str]:
    """A new sequence of the same name goes on where the old one stood; nobody can draw a number while this happens."""
    assert pair.sequence is not None
    aside = QualifiedName(pair.sequence.schema, derived_name(pair.sequence.name, suffix="_last"))
    yield f"CREATE SEQUENCE {aside.sql}"
    yield f"SELECT setval({literal(aside.sql)}, last_value, is_called) FROM {pair.sequence.sql}"
    yield f"{pair.of(going)} DROP IDENTITY"
    yield f"{pair.of(going)} DROP NOT NULL"
    yield from pair.require(pair.column.name, name)
    options = f"SEQUENCE NAME {pair.sequence.sql}{pair.identity_options}"
    yield f"{pair.of(pair.column.name)} ADD GENERATED {pair.identity} AS IDENTITY ({options})"
    yield f"SELECT setval({literal(pair.sequence.sql)}, last_value, is_called) FROM {aside.sql}"
    yield f"DROP SEQUENCE {aside.sql}"
    yield from pair.sequence_grants
