"""Rows of one table: free columns by profile, bound columns from the solutions of their component."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lockgate.proving.rows.components import Component
from lockgate.proving.rows.families.base import scatter
from lockgate.proving.rows.judge import Row
from lockgate.proving.rows.shape import ColumnShape, TableShape
from lockgate.proving.rows.values import Values

_MOST_CHOICES: Final = 60


class Manner(enum.StrEnum):
    """How far generated rows go: ``hostile`` mixes in what programs forget, ``plain`` leaves out even NULL."""

    HOSTILE = "hostile"
    PLAIN = "plain"


class Profile(enum.Enum):
    """What one row is like."""

    PLAIN = enum.auto()
    SPARSE = enum.auto()
    HOSTILE = enum.auto()
    MIXED = enum.auto()


_TURNS: Final = (
    Profile.PLAIN,
    Profile.SPARSE,
    Profile.HOSTILE,
    Profile.HOSTILE,
    Profile.MIXED,
    Profile.HOSTILE,
)


_HOSTILE_TURNS: Final = _TURNS.count(Profile.HOSTILE)
_EARLY: Final = 2 * _HOSTILE_TURNS


class Unset(enum.Enum):
    """The value that stands for DEFAULT."""

    DEFAULT = "DEFAULT"


Value = str | None | Unset


@dataclass(slots=True)
class Composer:
    """Makes rows of one table. ``pinned`` columns are always plain, because other rows already count on them."""

    table: TableShape
    values: Values
    solutions: Mapping[Component, Sequence[Row]]
    pinned: frozenset[str] = frozenset()
    _seen: dict[frozenset[str], set[tuple[Value, ...]]] = field(default_factory=dict)

    def row(self, number: int, manner: Manner) -> dict[str, Value] | None:
        """The row of that number, or None when nothing new is left within the unique constraints."""
        for choice in range(_MOST_CHOICES if self.solutions else 2):
            row = self._compose(number, profile_of(number, manner), choice, manner)
            if self._is_new(row):
                return row
        return None

    def missing(self) -> ColumnShape | None:
        """A column that must have a value and for which none is known."""
        bound = {name for component in self.solutions for name in component.columns}
        for column in self.table.writable:
            needs = column.not_null and not column.has_default and not column.identity
            if needs and column.name not in bound and self.values.plain(column.use, 0) is None:
                return column
        return None

    def _compose(self, number: int, profile: Profile, choice: int, manner: Manner) -> dict[str, Value]:
        row: dict[str, Value] = {}
        for place, (component, solutions) in enumerate(self.solutions.items()):
            whole = [solution for solution in solutions if None not in solution]
            rows = whole if manner is Manner.PLAIN and whole else solutions
            pick = rows[scatter(self.table.name, number, place, choice) % len(rows)]
            row.update(zip(component.columns, pick, strict=True))
        for place, column in enumerate(self.table.writable):
            if column.name not in row:
                must_differ = choice > 0 and self.table.is_unique(column.name)
                own = Profile.PLAIN if must_differ or column.name in self.pinned else profile
                row[column.name] = self._free(column, number, place, own)
        return row

    def _free(self, column: ColumnShape, number: int, place: int, profile: Profile) -> Value:
        if profile is Profile.MIXED:
            kinds = (Profile.PLAIN, Profile.HOSTILE, Profile.SPARSE)
            profile = kinds[scatter(self.table.name, column.name, number) % 3]
        if profile is Profile.SPARSE and not column.not_null:
            return None
        if profile is Profile.HOSTILE:
            hostile = self.values.hostile(column.use)
            if hostile:
                return hostile[_hostile_index(number, place, len(hostile))]
        return self._plain(column, number)

    def _plain(self, column: ColumnShape, number: int) -> Value:
        distinct = self.table.is_unique(column.name)
        value = self.values.plain(column.use, number, distinct=distinct)
        if value is None and (column.has_default or column.identity):
            return Unset.DEFAULT
        return value

    def _is_new(self, row: Mapping[str, Value]) -> bool:
        """Whether the row differs from all before it in every unique key without NULL; remembers it if so."""
        keys = []
        for unique in self.table.uniques:
            key = tuple(row.get(name) for name in sorted(unique))
            if None in key or Unset.DEFAULT in key or not unique:
                continue
            if key in self._seen.setdefault(unique, set()):
                return False
            keys.append((unique, key))
        for unique, key in keys:
            self._seen[unique].add(key)
        return True


def _hostile_index(number: int, place: int, count: int) -> int:
    """Which hostile value a row gets: among a dozen rows each column has the first six, in another order."""
    block, turn = divmod(number, len(_TURNS))
    nth = (block * _HOSTILE_TURNS + _TURNS[:turn].count(Profile.HOSTILE)) % _EARLY
    return (number // 12 * _EARLY + (nth + place) % min(count, _EARLY)) % count


def profile_of(number: int, manner: Manner) -> Profile:
    """The profile of a row."""
    return Profile.PLAIN if manner is Manner.PLAIN else _TURNS[number % len(_TURNS)]
