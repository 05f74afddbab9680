"""Which columns of a table have to be chosen together: those that share a check or a foreign key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lockgate.proving.rows.hints import column_names, conjuncts
from lockgate.proving.rows.shape import ForeignKey, TableShape


@dataclass(frozen=True, slots=True)
class Component:
    """Columns that are chosen together, and the conditions and foreign keys that bind them."""

    columns: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def loose(self) -> tuple[str, ...]:
        """The columns that no foreign key determines."""
        bound = {name for key in self.foreign_keys for name in key.columns}
        return tuple(name for name in self.columns if name not in bound)


def components(table: TableShape) -> tuple[Component, ...]:
    """The groups of bound columns, in the order of their first column; free columns are in none.

    A condition on a generated column is left to the server: its value is not chosen.
    """
    writable = [column.name for column in table.writable]
    conditions = {
        condition: _columns_of(condition, check.columns)
        for check in table.checks
        for condition in conjuncts(check.expression)
    }
    known = {text: names for text, names in conditions.items() if names and names <= set(writable)}
    keys = [key for key in table.foreign_keys if set(key.columns) <= set(writable)]
    groups = _joined([*known.values(), *(frozenset(key.columns) for key in keys)])
    return tuple(
        Component(
            columns=tuple(name for name in writable if name in group),
            conditions=tuple(text for text, names in known.items() if names <= group),
            foreign_keys=tuple(key for key in keys if set(key.columns) <= group),
        )
        for group in sorted(groups, key=lambda group: min(writable.index(name) for name in group))
    )


def _columns_of(condition: str, of_check: frozenset[str]) -> frozenset[str]:
    names = column_names(condition) & of_check
    return names or of_check


def _joined(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    groups: list[frozenset[str]] = []
    for names in sets:
        touching = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names]
        groups.append(names.union(*touching))
    return groups
