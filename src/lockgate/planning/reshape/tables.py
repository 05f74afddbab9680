"""A column in one table and its successor in another, in step by triggers on both until the old one goes."""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Column, Relation
from lockgate.errors import UsageError
from lockgate.planning.changes import KEEPABLE, NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.columns import column_type
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reshape.carrier import Carrier, Place
from lockgate.planning.reshape.words import Wish, unquoted
from lockgate.planning.strategies.base import NOT_MISSED, OLD_GONE, Answer
from lockgate.planning.unseen import RETRIED
from lockgate.sql.identifiers import derived_name, quote
from lockgate.sql.parse import parse_expression


def move(wish: Wish, table: Relation, other: Relation, state: Catalog) -> Answer:
    """Expand, fill, put aside, drop; raises UsageError where the words do not fit the tables."""
    column = table.column(wish.columns[0])
    new = unquoted(wish.new)
    if column is None or other.column(new) is not None:
        problem = f"no column {wish.columns[0]}" if column is None else f"a column {new} already"
        raise UsageError(f"{table.name if column is None else other.name} has {problem}")
    own, theirs = _keys(wish, table, other)
    for relation, key in ((table, own), (other, theirs)):
        if not _is_unique(relation, key):
            raise UsageError(f"{key} is not a unique key of {relation.name}")
    carrier = Carrier(Place(table.name, own, column.name), Place(other.name, theirs, new))
    parts = (_added(carrier, column), _filled(carrier), _put_aside(carrier), _dropped(carrier))
    return Answer(f"move-{table.name.name}-{column.name}", parts, _notes(carrier))


def _keys(wish: Wish, table: Relation, other: Relation) -> tuple[str, str]:
    found = {}
    expression = parse_expression(wish.condition).get("A_Expr", {})
    for side in ("lexpr", "rexpr"):
        fields = expression.get(side, {}).get("ColumnRef", {}).get("fields", [])
        names = [field.get("String", {}).get("sval", "") for field in fields]
        if len(names) >= 2:
            found[names[-2]] = names[-1]
    if table.name.name not in found or other.name.name not in found:
        raise UsageError(f"{wish.condition} does not join {table.name} and {other.name} by one column each")
    return found[table.name.name], found[other.name.name]


def _is_unique(relation: Relation, key: str) -> bool:
    return any(
        index.unique and index.predicate is None and [one.column for one in index.keys] == [key]
        for index in relation.indexes
    )


def _added(carrier: Carrier, column: Column) -> Part:
    there = carrier.there
    alter = f"ALTER TABLE {there.table.sql}"
    return Part(
        PhaseKind.EXPAND,
        f"add {there.table.name} {there.column}",
        (f"{alter} ADD COLUMN {quote(there.column)} {column_type(column)}", *carrier.create()),
        (*carrier.drop(), f"{alter} DROP COLUMN {quote(there.column)}"),
    )


def _filled(carrier: Carrier) -> Part:
    here, there = carrier.here, carrier.there
    joined = f"FROM {here.table.sql} AS s WHERE {here.at('s')} = {there.at('t')}"
    differs = f"{here.of('s')} IS DISTINCT FROM {there.of('t')}"
    # The source row is locked, or a write to it in the same moment could be followed by the value before that write.
    fill = (
        f"-- lockgate: backfill\nUPDATE {there.table.sql} AS t SET {quote(there.column)} ="
        f" (SELECT {here.of('s')} {joined} FOR NO KEY UPDATE) WHERE EXISTS (SELECT 1 {joined} AND {differs})"
    )
    return Part(
        PhaseKind.MIGRATE,
        f"fill {there.table.name} {there.column}",
        (fill,),
        (NOTHING_BACK,),
        final=WITH_THE_COLUMN,
        application=f"may be deployed now: it reads and writes {there.table.name}.{there.column}",
    )


def _put_aside(carrier: Carrier) -> Part:
    here = carrier.here
    aside, alter = _aside(here), f"ALTER TABLE {here.table.sql}"
    moved = carrier.renamed(aside)
    forth = f"{alter} RENAME COLUMN {quote(here.column)} TO {quote(aside)}"
    back = f"{alter} RENAME COLUMN {quote(aside)} TO {quote(here.column)}"
    return Part(
        PhaseKind.CONTRACT,
        f"put {here.column} aside",
        (*carrier.drop(), forth, *moved.create()),
        (*moved.drop(), back, *carrier.create()),
        gate=OLD_GONE.format(what=_what(here)),
    )


def _dropped(carrier: Carrier) -> Part:
    here, there, aside = carrier.here, carrier.there, _aside(carrier.here)
    found = f"FROM {there.table.sql} AS t WHERE {there.at('t')} = {here.at('s')}"
    since = f"record_image_ne(ROW({there.of('t')}), ROW(s.{quote(aside)}))"
    refresh = (
        f"-- lockgate: backfill\nUPDATE {here.table.sql} AS s SET {quote(aside)} ="
        f" (SELECT {there.of('t')} {found}) WHERE EXISTS (SELECT 1 {found} AND {since})"
    )
    return Part(
        PhaseKind.CONTRACT,
        f"drop {aside}",
        (*carrier.renamed(aside).drop(), f"ALTER TABLE {here.table.sql} DROP COLUMN {quote(aside)}"),
        gate=NOT_MISSED.format(what=_what(here)),
        final=KEEPABLE,
        refresh=(refresh,),
    )


def _aside(here: Place) -> str:
    return derived_name(here.column, suffix="_to_be_dropped")


def _what(here: Place) -> str:
    return f"column {here.table.name}.{here.column}"


def _notes(carrier: Carrier) -> tuple[str, ...]:
    here, there = carrier.here, carrier.there
    return (
        f"a row of {here.table.name} without a partner in {there.table.name} loses its {here.column}",
        f"two who write one row through {here.table.name} and {there.table.name} at once may meet a deadlock",
        RETRIED,
        f"the values of {here.column} are kept in a side table when the last file drops them",
    )
