"""A column that has another type on the new table, which nobody uses yet: what needs the column may go and return.

Generated columns of it are computed for each copied row, exclusion constraints and indexes are made of the new type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.writers import columns
from lockgate.catalog.writers.base import Context
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.parse import parse_expression


@dataclass(frozen=True, slots=True)
class Retype:
    """``words`` follow ALTER COLUMN; ``up`` and ``down`` compute one value from the other (SQL that uses ``{value}``).

    ``path`` is where they look names up, ``gate`` what the application has to bear before the exchange.
    """

    snapshot: Snapshot
    table: Table
    column: str
    words: str
    up: str
    down: str
    gate: str
    path: tuple[str, ...] = ()

    def obstacles(self) -> Iterator[str]:
        """Why the column cannot have another type there alone, as words."""
        key = self.snapshot.primary_key(self.table.name)
        if key is not None and self.column in key.columns and self._changed != self.up:
            yield f"{self.column} finds the rows of both tables, and is not the same number in both"
        for one in self.snapshot.constraints_of(self.table.name):
            if one.type == "foreign key" and self.column in one.columns:
                yield f"{self.column} refers to another table ({one.constraint})"
        for one in self.snapshot.references_to(self.table.name):
            if self.column in one.referenced_columns:
                yield f"{one.name} refers to {self.column} ({one.constraint})"

    @property
    def _changed(self) -> str:
        """How a whole number becomes another one; any other key may not be what it was."""
        return next(
            (f"{{value}}::{one}" for one in ("integer", "bigint") if self.up.endswith(f"::{one}")), ""
        )

    def statements(self, new: QualifiedName) -> Iterator[str]:
        """What changes the new table while it is empty."""
        alter, computed = f"ALTER TABLE {new.sql}", self.computed()
        yield from (f"{alter} DROP COLUMN {quote(one.column)}" for one in reversed(computed))
        yield f"{alter} ALTER COLUMN {self.words}"
        context = Context(self.snapshot, self.snapshot)
        for one in computed:
            yield from columns.add(self._on(new, one), context)
        gone = {one.column for one in computed}
        for check in self.snapshot.constraints_of(self.table.name):
            if check.type == "check" and gone & set(check.columns):
                yield f"{alter} ADD CONSTRAINT {quote(check.constraint)} {check.definition}"
                if check.comment:
                    told = f"{quote(check.constraint)} ON {new.sql} IS {literal(check.comment)}"
                    yield f"COMMENT ON CONSTRAINT {told}"

    def computed(self) -> list[Column]:
        """The columns that are computed from it."""
        return [
            column
            for column in self.table.columns
            if column.generated
            and column.default
            and mentions_column(parse_expression(column.default), self.column)
        ]

    def _on(self, new: QualifiedName, column: Column) -> Column:
        address = Address(Kind.COLUMN, new.schema, new.name, column.column)
        named = columns.not_null_name(column) if column.not_null and self.snapshot.major >= 18 else None
        # What roles may do with it comes with the exchange, numbers for the planner with those of the other columns.
        return replace(column, address=address, grants=None, not_null_name=named, statistics=None, options=())
