"""A column and the one that takes its place: names, values in both directions, and the statements about the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import PG_CATALOG, generated_name, type_sql
from lockgate.analysis.view import Column, Relation, TypeRef
from lockgate.planning.columns import beside, comparable, constant_default, over, same_rights
from lockgate.planning.exchange.assigned import assigned
from lockgate.planning.exchange.zones import in_zone
from lockgate.planning.sync import Mirror, in_chunks
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import Node, deparse_expression

_PLACE: Final = "lockgate_value"
_WHOLE: Final = {"smallint": (-(2**15), 2**15 - 1), "integer": (-(2**31), 2**31 - 1)}


@dataclass(frozen=True, slots=True)
class Pair:
    """One column of the exchange. ``using`` is the expression of ALTER COLUMN … TYPE, ``back`` its inverse.

    ``zone`` is the time zone in which points of time get theirs or lose it, instead of that of each session.
    ``collation`` is that of the new column, empty for the default of its type, which the server gives it, too.
    ``attributes`` are the words that follow ``ALTER COLUMN`` to give a column what the old one has of its own, and
    ``comment`` is a literal. ``sequence`` belongs to the column; ``identity`` is ALWAYS or BY DEFAULT. ``key`` says
    that rows are found by it: a unique column, or one that refers to another. ``below`` are the tables that have the
    column from this one; when it is ``partitioned`` its triggers are theirs.
    """

    state: Catalog
    table: Relation
    column: Column
    target: TypeRef
    using: Node | None = None
    back: Node | None = None
    collation: str = ""
    attributes: tuple[str, ...] = ()
    comment: str = ""
    identity: str | None = None
    identity_options: str = ""
    sequence: QualifiedName | None = None
    sequence_type: str = ""
    sequence_grants: tuple[str, ...] = ()
    key: bool = False
    below: tuple[QualifiedName, ...] = ()
    partitioned: bool = False
    zone: str = ""

    @property
    def type(self) -> str:
        """The new type in words."""
        return type_sql(self.target)

    @property
    def old_type(self) -> str:
        """The old type in words."""
        return type_sql(self.column.type)

    @property
    def tables(self) -> tuple[QualifiedName, ...]:
        """Every table that has the column, parents first."""
        return (self.table.name, *self.below)

    @property
    def apart(self) -> tuple[QualifiedName, ...]:
        """The tables that inherit the column and nothing else: neither triggers nor the keys of rows."""
        return () if self.partitioned else self.below

    @property
    def alter(self) -> str:
        """How every statement about the table begins."""
        return f"ALTER TABLE {self.table.name.sql}"

    @property
    def new(self) -> str:
        """What the new column is called until the exchange."""
        return derived_name(self.column.name, suffix="_new")

    @property
    def old(self) -> str:
        """What the old column is called after the exchange."""
        return derived_name(self.column.name, suffix="_old")

    def of(self, name: str) -> str:
        """How a statement about one of the two columns begins."""
        return f"{self.alter} ALTER COLUMN {quote(name)}"

    @property
    def up(self) -> str:
        """The new value of an old one."""
        if self.zone:
            return in_zone(self.column.type, self.target, self.zone)
        if self.using is None:
            return assigned(self.column.type, self.target)
        return self._computed(self.using, self.type)

    def _computed(self, expression: Node, type_words: str) -> str:
        renamed = over(expression, {self.column.name: _PLACE})
        text = deparse_expression(renamed).replace("{", "{{").replace("}", "}}")
        value = text.replace(_PLACE, "{value}")
        return value if value.endswith(f"::{type_words}") else f"({value})::{type_words}"

    @property
    def down(self) -> str:
        """The old value of a new one; NULL for a whole number that the old column has no room for."""
        if not self.has_no_room:
            return self.down_or_refused
        least, most = _WHOLE[self.old_type]
        return f"CASE WHEN {{value}} BETWEEN {least} AND {most} THEN {self.down_or_refused} END"

    @property
    def down_or_refused(self) -> str:
        """The old value of a new one; the server refuses what the old column has no room for."""
        if self.back is not None:
            return self._computed(self.back, self.old_type)
        if self._by_text:
            return f"{{value}}::text::{self.old_type}"
        if self.zone:
            return in_zone(self.target, self.column.type, self.zone)
        return assigned(self.target, self.column.type)

    @property
    def path(self) -> tuple[str, ...]:
        """Where the two expressions look names up."""
        return tuple(self.state.search_path) if self.using is not None else ()

    @property
    def has_no_room(self) -> bool:
        """Whether the old column is NULL where a whole number is too large for it."""
        return self.type == "bigint" and self.old_type in _WHOLE

    @property
    def default(self) -> str:
        """The default of the new column while it stands beside the old one."""
        value = constant_default(self.column, self.type, self.state)
        if value == "NULL" or not self._by_text or self.column.default is None:
            return value
        return self.up.format(value=f"({deparse_expression(self.column.default)})")

    @property
    def _by_text(self) -> bool:
        """Whether one of the types is the user's own: an enum has casts from and to text only."""
        own = {self.target.name.schema, self.column.type.name.schema} - {PG_CATALOG}
        return self.using is not None and bool(own)

    @property
    def before(self) -> Mirror:
        """Keeps the new column in step while everybody uses the old one."""
        return self._mirror(self.column.name, self.new, self.default)

    @property
    def after(self) -> Mirror:
        """Keeps the old column in step after the exchange, for the way back."""
        return self._mirror(self.old, self.column.name, "NULL")

    def _mirror(self, old: str, new: str, default: str) -> Mirror:
        exact = self.key and not self.has_no_room
        return Mirror(
            self.table.name,
            old,
            new,
            self.up,
            self.down,
            default,
            comparable(self.target),
            self.path,
            exact,
            self.apart,
        )

    def add_new(self) -> tuple[str, ...]:
        """The new column beside the old one, with its attributes, its rights and its trigger."""
        rights = same_rights(self.state, self.table, self.column.name, self.new)
        added = beside(self.table, self.new, self.type, self.default, self.collation)
        return (*added, *self._like(self.new), *rights, *self.before.create())

    def drop_new(self) -> tuple[str, ...]:
        """Takes it away."""
        return (*self.before.drop(), f"{self.alter} DROP COLUMN {quote(self.new)}")

    def drop_old(self) -> tuple[str, ...]:
        """Takes the old column away after the exchange."""
        return (*self.after.drop(), f"{self.alter} DROP COLUMN {quote(self.old)}")

    def return_old(self) -> tuple[str, ...]:
        """Brings the old column back, filled from the new one."""
        rights = same_rights(self.state, self.table, self.column.name, self.old)
        added = beside(self.table, self.old, self.old_type, "NULL", self.column.collation)
        return (*added, *self._like(self.old), *rights, *self.after.create(), *self._refill())

    def _like(self, name: str) -> tuple[str, ...]:
        attributes = tuple(f"{self.of(name)} {words}" for words in self.attributes)
        return (*attributes, self.said_of(name)) if self.comment else attributes

    def said_of(self, name: str) -> str:
        """The comment of the column on one of the two."""
        return f"COMMENT ON COLUMN {self.table.name.sql}.{quote(name)} IS {self.comment}"

    def _refill(self) -> tuple[str, ...]:
        value = self.down.format(value=quote(self.column.name))
        old, new = quote(self.old), quote(self.column.name)
        missing = f"{old} IS NULL AND {new} IS NOT NULL"
        return in_chunks(self.table.name, self.apart, f"SET {old} = {value} WHERE {missing}")

    def proof(self, name: str) -> str:
        """The name of the check that proves one of the two columns to have no NULL."""
        return generated_name(self.table.name.name, name, "not_null")

    def prove(self, name: str, successor: str) -> str:
        """Adds the check that is named for ``successor`` over what ``name`` is now, for what comes from now on."""
        named = quote(self.proof(successor))
        return f"{self.alter} ADD CONSTRAINT {named} CHECK ({quote(name)} IS NOT NULL) NOT VALID"

    def refuse_loss(self) -> str:
        """Stops the way back before it has begun where the old column has no room for a value that it must have."""
        table, old = self.table.name, quote(self.old)
        message = literal(f"{table} has rows whose {self.column.name} is too large for {self.old_type}")
        return (
            "DO $lockgate$\nBEGIN\n"
            f"  IF EXISTS (SELECT FROM {table.sql} WHERE {old} IS NULL) THEN\n"
            f"    RAISE EXCEPTION USING MESSAGE = {message},\n"
            "      HINT = 'delete them, or stay with the new type';\n"
            "  END IF;\nEND\n$lockgate$"
        )

    def require(self, name: str, proved_as: str) -> tuple[str, ...]:
        """Turns the check that was validated under a name into NOT NULL."""
        dropped = f"{self.alter} DROP CONSTRAINT {quote(self.proof(proved_as))}"
        return f"{self.of(name)} SET NOT NULL", dropped

    def rename(self, old: str, new: str) -> str:
        """Gives one of the two another name."""
        return f"{self.alter} RENAME COLUMN {quote(old)} TO {quote(new)}"
