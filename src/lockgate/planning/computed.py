"""A column beside a generated one: it is computed as that one is, and nobody writes either of them."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.planning.columns import each_column
from lockgate.planning.sync import before_write
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import Node, deparse_expression


@dataclass(frozen=True, slots=True)
class Computed:
    """A plain column that a trigger computes: in a BEFORE trigger the generated one has no value yet.

    ``expression`` is that of the generated column, ``words`` its type, ``path`` where the expression looks names up.
    """

    table: QualifiedName
    old: str
    new: str
    words: str
    expression: Node
    path: tuple[str, ...] = ()

    @property
    def name(self) -> QualifiedName:
        """The name of the function; the trigger has the same and fires after those of the application."""
        name = derived_name("zz_lockgate_sync", self.table.name, self.old, self.new)
        return QualifiedName(self.table.schema, name)

    def create(self) -> tuple[str, ...]:
        """The statements that put the trigger in place; they belong into one transaction."""
        value = deparse_expression(each_column(self.expression, lambda name: ["new", name]))
        return before_write(
            self.table, self.name, f"  NEW.{quote(self.new)} := ({value})::{self.words};\n", self.path
        )

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        return (
            f"DROP TRIGGER {quote(self.name.name)} ON {self.table.sql}",
            f"DROP FUNCTION {self.name.sql}()",
        )

    def backfill(self) -> str:
        """The statement that fills the rows that were there before."""
        new, old = quote(self.new), quote(self.old)
        where = f"{new} IS NULL AND {old} IS NOT NULL"
        return f"-- lockgate: backfill\nUPDATE {self.table.sql} SET {new} = {old} WHERE {where}"
