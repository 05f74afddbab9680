"""Keeps two groups of columns of one table in step, in both directions, by value and within the write itself.

The same rules as for a pair of columns (see ``planning.sync``): which group a statement changed is told by comparing
old and new values byte for byte, the trigger only assigns to NEW, and a backfill that writes what the trigger would
have written is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lockgate.planning.columns import each_column
from lockgate.planning.sync import before_write
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import Node, deparse_expression


@dataclass(frozen=True, slots=True)
class Member:
    """A column of a group: its name, its type in words, and how it is computed from the other group."""

    name: str
    type: str
    value: Node


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Two groups of columns; an expression may also look at the column that it computes."""

    table: QualifiedName
    old: tuple[Member, ...]
    new: tuple[Member, ...]
    path: tuple[str, ...] = ()

    @property
    def name(self) -> QualifiedName:
        """The name of the function; the trigger has the same and fires after those of the application."""
        words = (*(member.name for member in self.old), *(member.name for member in self.new))
        return QualifiedName(self.table.schema, derived_name("zz_lockgate_sync", self.table.name, *words))

    def create(self) -> tuple[str, ...]:
        """The statements that put the trigger in place; they belong into one transaction."""
        return before_write(self.table, self.name, self._body(), self.path)

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        trigger = f"DROP TRIGGER {quote(self.name.name)} ON {self.table.sql}"
        return trigger, f"DROP FUNCTION {self.name.sql}()"

    def backfill(self) -> str:
        """The statement that fills the new group of the rows that were there before."""
        sets = ", ".join(f"{quote(one.name)} = {self._plain(one)}" for one in self.new)
        names = ", ".join(quote(one.name) for one in self.new)
        values = ", ".join(self._plain(one) for one in self.new)
        where = f"ROW({names}) IS DISTINCT FROM ROW({values})"
        return f"-- lockgate: backfill\nUPDATE {self.table.sql} SET {sets} WHERE {where}"

    def refill(self) -> str:
        """The statement that brings the old group up to date where the new one was written without it."""
        sets = ", ".join(f"{quote(one.name)} = {self._plain(one)}" for one in self.old)
        names = ", ".join(quote(one.name) for one in self.new)
        values = ", ".join(self._plain(one) for one in self.new)
        where = f"record_image_ne(ROW({names}), ROW({values}))"
        return f"-- lockgate: backfill\nUPDATE {self.table.sql} SET {sets} WHERE {where}"

    def renamed(self, names: dict[str, str]) -> Ensemble:
        """The same ensemble after some of its columns got other names."""
        return replace(self, old=_called(self.old, names), new=_called(self.new, names))

    def _plain(self, member: Member) -> str:
        return f"({deparse_expression(member.value)})::{member.type}"

    def _in_row(self, member: Member) -> str:
        mine = {one.name for one in (*self.old, *self.new)}
        return f"({deparse_expression(_of_new(member.value, mine))})::{member.type}"

    def _body(self) -> str:
        given, before = _row("NEW", self.new), _row("OLD", self.new)
        told, wanted = _row("NEW", self.old), "ROW(" + ", ".join(map(self._in_row, self.new)) + ")"
        absent = " AND ".join(f"NEW.{quote(one.name)} IS NULL" for one in self.new)
        return (
            "  IF TG_OP = 'INSERT' THEN\n"
            f"    IF {absent} THEN\n{self._assign(self.new, 3)}"
            f"    ELSE\n{self._assign(self.old, 3)}"
            "    END IF;\n"
            f"  ELSIF record_image_ne({given}, {before}) THEN\n"
            f"    IF record_image_ne({given}, {wanted}) THEN\n{self._assign(self.old, 3)}"
            "    END IF;\n"
            f"  ELSIF record_image_ne({told}, {_row('OLD', self.old)}) THEN\n{self._assign(self.new, 2)}"
            "  END IF;\n"
        )

    def _assign(self, members: Sequence[Member], depth: int) -> str:
        indent = "  " * depth
        return "".join(f"{indent}NEW.{quote(one.name)} := {self._in_row(one)};\n" for one in members)


def _row(which: str, members: Sequence[Member]) -> str:
    return "ROW(" + ", ".join(f"{which}.{quote(one.name)}" for one in members) + ")"


def _called(members: tuple[Member, ...], names: dict[str, str]) -> tuple[Member, ...]:
    return tuple(
        replace(one, name=names.get(one.name, one.name), value=_renamed(one.value, names)) for one in members
    )


def _renamed(node: Any, names: dict[str, str]) -> Any:
    return each_column(node, lambda name: [names.get(name, name)])


def _of_new(node: Any, names: set[str]) -> Any:
    return each_column(node, lambda name: ["new", name] if name in names else [name])
