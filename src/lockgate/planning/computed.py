"""A column beside a generated one: it is computed as that one is, and nobody writes either of them."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.planning.columns import each_column
from lockgate.planning.sync import before_write, in_chunks, no_more_before_write, trigger_name
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse_expression


@dataclass(frozen=True, slots=True)
class Computed:
    """A plain column that a trigger computes: in a BEFORE trigger the generated one has no value yet.

    ``expression`` is that of the generated column, ``words`` its type, ``path`` where the expression looks names up,
    ``below`` the tables that inherit both.
    """

    table: QualifiedName
    old: str
    new: str
    words: str
    expression: Node
    path: tuple[str, ...] = ()
    below: tuple[QualifiedName, ...] = ()

    @property
    def name(self) -> QualifiedName:
        """The name of the function; the trigger has the same."""
        return trigger_name(self.table, self.old, self.new)

    def create(self) -> tuple[str, ...]:
        """The statements that put the trigger in place; they belong into one transaction."""
        value = deparse_expression(each_column(self.expression, lambda name: ["new", name]))
        body = f"  NEW.{quote(self.new)} := ({value})::{self.words};\n"
        return before_write(self.table, self.name, body, self.path, self.below)

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        return no_more_before_write(self.table, self.name, self.below)

    def backfills(self) -> tuple[str, ...]:
        """The statements that fill the rows that were there before."""
        new, old = quote(self.new), quote(self.old)
        change = f"SET {new} = {old} WHERE {new} IS NULL AND {old} IS NOT NULL"
        return in_chunks(self.table, self.below, change)
