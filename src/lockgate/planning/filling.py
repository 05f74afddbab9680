"""Expressions that come with a change: what a missing value becomes (``--fill``), or an old one (``--back``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.analysis.view import Relation
from lockgate.errors import SqlSyntaxError, UsageError
from lockgate.planning.columns import each_column
from lockgate.sql.parse import Node, deparse_expression, parse_expression, walk


@dataclass(frozen=True, slots=True)
class Filling:
    """An expression over the columns of a table, as it was written and as its tree."""

    sql: str
    tree: Node
    columns: frozenset[str]

    @classmethod
    def read(cls, text: str, table: Relation, option: str = "--fill") -> Filling:
        """Raise UsageError for what is no expression, or names a column that the table does not have."""
        try:
            tree = parse_expression(text)
        except SqlSyntaxError as error:
            raise UsageError(f"{option} is no SQL expression: {text}", why=error.message) from error
        found = cls(text, tree, frozenset(_named(tree)))
        known = {column.name for column in table.columns}
        strange = sorted(found.columns - known)
        if strange and known and not table.partial and not any(kind == "SubLink" for kind, _ in walk(tree)):
            raise UsageError(
                f"{option} names a column that {table.name} does not have: {strange[0]}",
                next_steps=[f"a text stands between single quotes: {option} \"'none'\""],
            )
        return found

    @property
    def of_new_row(self) -> str:
        """The expression in a trigger, where columns are those of the row that is written."""
        if not self.columns:
            return self.sql
        told = each_column(self.tree, lambda name: ["new", name] if name in self.columns else [name])
        return deparse_expression(told)

    def as_default(self) -> str:
        """The expression as a default; raises UsageError where it needs other columns, which no default can."""
        if self.columns:
            raise UsageError(
                f"--fill becomes the default, and a default cannot name columns: {', '.join(sorted(self.columns))}"
            )
        return self.sql


def _named(tree: Node) -> Iterator[str]:
    for kind, node in walk(tree):
        last = node.get("fields", [{}])[-1].get("String", {}).get("sval", "") if kind == "ColumnRef" else ""
        if last:
            yield last
