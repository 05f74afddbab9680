"""A column in one table and its successor in another, in step by triggers on both until the old one goes."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Column, Relation
from lockgate.errors import UsageError
from lockgate.planning.changes import KEEPABLE, NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.columns import column_type
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reshape.words import Wish, unquoted
from lockgate.planning.strategies.base import NOT_MISSED, OLD_GONE, Answer
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import parse_expression


@dataclass(frozen=True, slots=True)
class _End:
    """A table, its key, and the column in it."""

    table: Relation
    key: str
    column: str


@dataclass(frozen=True, slots=True)
class _Carrier:
    """The triggers that carry a value from one end to the other, and back."""

    here: _End
    there: _End

    def create(self) -> tuple[str, ...]:
        """Both, for one transaction."""
        return (*self._one(self.here, self.there), *self._one(self.there, self.here))

    def drop(self) -> tuple[str, ...]:
        """Takes both away."""
        return (*self._gone(self.there, self.here), *self._gone(self.here, self.there))

    def _name(self, source: _End, target: _End) -> QualifiedName:
        words = (source.table.name.name, source.column, target.table.name.name)
        return QualifiedName(source.table.name.schema, derived_name("zz_lockgate_carry", *words))

    def _one(self, source: _End, target: _End) -> tuple[str, ...]:
        name, table = self._name(source, target), source.table.name
        key, value = quote(target.key), quote(target.column)
        given, own = f"NEW.{quote(source.column)}", f"NEW.{quote(source.key)}"
        changed = f"record_image_ne(ROW({given}), ROW(OLD.{quote(source.column)}))"
        body = (
            f"  IF TG_OP = 'INSERT' THEN\n    {self._inserted(source, target)}"
            f"  ELSIF {changed} THEN\n"
            f"    UPDATE {target.table.name.sql} SET {value} = {given}\n"
            f"    WHERE {key} = {own} AND record_image_ne(ROW({value}), ROW({given}));\n"
            "  END IF;\n"
        )
        function = (
            f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SECURITY DEFINER\n"
            f"  SET search_path = ''\nAS $lockgate$\nBEGIN\n{body}  RETURN NULL;\nEND;\n$lockgate$"
        )
        made = f"CREATE TRIGGER {quote(name.name)} AFTER INSERT OR UPDATE ON {table.sql}"
        made += f"\n  FOR EACH ROW EXECUTE FUNCTION {name.sql}()"
        # Who may write one table need not have any right on the other.
        revoked = f"REVOKE ALL ON FUNCTION {name.sql}() FROM PUBLIC"
        return function, revoked, made, f"ALTER TABLE {table.sql} ENABLE ALWAYS TRIGGER {quote(name.name)}"

    def _inserted(self, source: _End, target: _End) -> str:
        """A new row that has a value gives it to its partner; one that has none takes its partner's."""
        given, own = f"NEW.{quote(source.column)}", f"NEW.{quote(source.key)}"
        value, key = quote(target.column), quote(target.key)
        tell = (
            f"UPDATE {target.table.name.sql} SET {value} = {given}\n"
            f"    WHERE {key} = {own} AND record_image_ne(ROW({value}), ROW({given}));\n"
        )
        take = (
            f"UPDATE {source.table.name.sql} AS s SET {quote(source.column)} = t.{value}\n"
            f"      FROM {target.table.name.sql} AS t WHERE t.{key} = {own} AND s.{quote(source.key)} = {own}\n"
            f"        AND record_image_ne(ROW(s.{quote(source.column)}), ROW(t.{value}));\n"
        )
        return f"IF {given} IS NULL THEN\n      {take}    ELSE\n      {tell}    END IF;\n"

    def _gone(self, source: _End, target: _End) -> tuple[str, ...]:
        name = self._name(source, target)
        return f"DROP TRIGGER {quote(name.name)} ON {source.table.name.sql}", f"DROP FUNCTION {name.sql}()"


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
    carrier = _Carrier(_End(table, own, column.name), _End(other, theirs, new))
    return Answer(f"move-{table.name.name}-{column.name}", _parts(carrier, column), _notes(carrier, column))


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


def _parts(carrier: _Carrier, column: Column) -> tuple[Part, ...]:
    here, there = carrier.here, carrier.there
    alter, other = f"ALTER TABLE {here.table.name.sql}", f"ALTER TABLE {there.table.name.sql}"
    added = f"{other} ADD COLUMN {quote(there.column)} {column_type(column)}"
    aside = derived_name(column.name, suffix="_to_be_dropped")
    moved = _Carrier(_End(here.table, here.key, aside), there)
    what = f"column {here.table.name.name}.{column.name}"
    joined = f"FROM {here.table.name.sql} AS s WHERE s.{quote(here.key)} = t.{quote(there.key)}"
    differs = f"s.{quote(column.name)} IS DISTINCT FROM t.{quote(there.column)}"
    # The source row is locked, or a write to it in the same moment could be followed by the value before that write.
    fill = (
        f"-- lockgate: backfill\nUPDATE {there.table.name.sql} AS t SET {quote(there.column)} ="
        f" (SELECT s.{quote(column.name)} {joined} FOR NO KEY UPDATE) WHERE EXISTS (SELECT 1 {joined} AND {differs})"
    )
    found = f"FROM {there.table.name.sql} AS t WHERE t.{quote(there.key)} = s.{quote(here.key)}"
    since = f"record_image_ne(ROW(t.{quote(there.column)}), ROW(s.{quote(aside)}))"
    refresh = (
        f"-- lockgate: backfill\nUPDATE {here.table.name.sql} AS s SET {quote(aside)} ="
        f" (SELECT t.{quote(there.column)} {found}) WHERE EXISTS (SELECT 1 {found} AND {since})"
    )
    return (
        Part(
            PhaseKind.EXPAND,
            f"add {there.table.name.name} {there.column}",
            (added, *carrier.create()),
            (*carrier.drop(), f"{other} DROP COLUMN {quote(there.column)}"),
        ),
        Part(
            PhaseKind.MIGRATE,
            f"fill {there.table.name.name} {there.column}",
            (fill,),
            (NOTHING_BACK,),
            final=WITH_THE_COLUMN,
            application=f"may be deployed now: it reads and writes {there.table.name.name}.{there.column}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"put {column.name} aside",
            (
                *carrier.drop(),
                f"{alter} RENAME COLUMN {quote(column.name)} TO {quote(aside)}",
                *moved.create(),
            ),
            (
                *moved.drop(),
                f"{alter} RENAME COLUMN {quote(aside)} TO {quote(column.name)}",
                *carrier.create(),
            ),
            gate=OLD_GONE.format(what=what),
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop {aside}",
            (*moved.drop(), f"{alter} DROP COLUMN {quote(aside)}"),
            gate=NOT_MISSED.format(what=what),
            final=KEEPABLE,
            refresh=(refresh,),
        ),
    )


def _notes(carrier: _Carrier, column: Column) -> tuple[str, ...]:
    here, there = carrier.here, carrier.there
    return (
        f"a row of {here.table.name.name} without a partner in {there.table.name.name} loses its {column.name}",
        f"two who write one row through {here.table.name.name} and {there.table.name.name} at once may meet a deadlock",
        f"the values of {column.name} are kept in a side table when the last file drops them",
    )
