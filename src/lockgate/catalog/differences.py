"""What differs between two schemas: in words, for machines, and on the way to SQL."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from lockgate.catalog.address import PARTS, Address, Kind
from lockgate.catalog.model import Index, Sequence
from lockgate.catalog.renames import Rename
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName


class Change(enum.StrEnum):
    """How an object differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, seen from ``before`` to ``after``.

    ``field`` names what changed, ``old`` and ``new`` how it reads on both sides (None: it is not there).
    """

    address: Address
    change: Change
    field: str | None = None
    old: str | None = None
    new: str | None = None

    @property
    def loses_data(self) -> bool:
        """Whether going from ``before`` to ``after`` throws rows or values away."""
        if self.change is Change.REMOVED:
            return self.address.kind in (Kind.TABLE, Kind.COLUMN, Kind.SEQUENCE)
        return self.address.kind is Kind.COLUMN and self.field == "type"

    def __str__(self) -> str:
        match self.change:
            case Change.ADDED:
                return f"{self.address} is new"
            case Change.REMOVED:
                return f"{self.address} is gone"
            case Change.RENAMED:
                return f"{self.old} is now {self.address}"
            case Change.REORDERED:
                return f"{self.address}: the columns stand in another order: {self.old} → {self.new}"
        return f"{self.address}: {_change_in_words(self)}"

    def to_json(self) -> dict[str, Any]:
        """The difference as plain JSON values."""
        return {
            "object": str(self.address),
            "kind": self.address.kind.words,
            "schema": self.address.schema,
            "name": self.address.name,
            "part": self.address.part or None,
            "change": self.change.value,
            "field": self.field,
            "before": self.old,
            "after": self.new,
            "loses_data": self.loses_data,
            "message": str(self),
        }


LONG = 120


def _change_in_words(difference: Difference) -> str:
    field = (difference.field or "").replace("_", " ")
    old, new = _short(difference.old), _short(difference.new)
    if old is None:
        return f"{field} is now {new}"
    if new is None:
        return f"{field} is no longer {old}"
    if "\n" in (difference.old or "") + (difference.new or "") or len(old) + len(new) > LONG:
        return f"{field} changed{_first_difference(difference.old or '', difference.new or '')}"
    return f"{field} {old} → {new}"


def _short(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())


def _first_difference(old: str, new: str) -> str:
    """The first line that is not the same on both sides."""
    pairs = zip([*old.splitlines(), ""], [*new.splitlines(), ""], strict=False)
    for before, after in pairs:
        if before != after:
            return f": {_cut(before)} → {_cut(after)}"
    return ""


def _cut(line: str) -> str:
    line = line.strip() or "(nothing)"
    return line if len(line) <= LONG else line[: LONG - 1] + "…"


class Differences(tuple[Difference, ...]):
    """All differences between two snapshots, in the order of addresses; empty when they are equal.

    ``before`` is the first snapshot as it reads once ``renames`` are done, ``after`` the second one.
    """

    before: Snapshot
    after: Snapshot
    renames: tuple[Rename, ...]

    def __new__(
        cls,
        items: Iterable[Difference] = (),
        *,
        before: Snapshot,
        after: Snapshot,
        renames: tuple[Rename, ...] = (),
    ) -> Self:
        """A tuple that also knows what it was made from."""
        made = super().__new__(cls, items)
        made.before, made.after, made.renames = before, after, renames
        return made

    def only(self, keep: Callable[[Difference], bool]) -> Differences:
        """The differences that pass, between the same snapshots."""
        return Differences(
            (item for item in self if keep(item)),
            before=self.before,
            after=self.after,
            renames=self.renames,
        )

    @property
    def without_order(self) -> Differences:
        """All but the order of columns, which no ALTER TABLE can change."""
        return self.only(lambda item: item.change is not Change.REORDERED)

    @property
    def folded(self) -> Differences:
        """Without the parts of what is new or gone as a whole: nobody asks which indexes a dropped table had."""
        wholes = {
            (item.address.qualified, item.change)
            for item in self
            if item.change in (Change.ADDED, Change.REMOVED) and not item.address.part
        }
        return self.only(lambda item: (self._whole_of(item), item.change) not in wholes)

    def _whole_of(self, item: Difference) -> QualifiedName | None:
        side = self.after if item.change is Change.ADDED else self.before
        found = side.objects.get(item.address)
        if isinstance(found, Index):
            return found.table
        if isinstance(found, Sequence) and found.owned_by:
            return QualifiedName(*found.owned_by[:2])
        return item.address.qualified if item.address.kind in PARTS else None

    @property
    def loses_data(self) -> bool:
        """Whether going from ``before`` to ``after`` throws rows or values away."""
        return any(item.loses_data for item in self)

    def to_json(self) -> list[dict[str, Any]]:
        """Every difference as plain JSON values."""
        return [item.to_json() for item in self]
