"""Mappings that remember how to go back: what makes savepoints of the in-memory catalog cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class UndoLog:
    """The changes of several stores in order; undoing to a mark restores all of them together."""

    def __init__(self) -> None:
        self._entries: list[tuple[Store[Any, Any], Any, Any]] = []

    def mark(self) -> int:
        """The present place in the log."""
        return len(self._entries)

    def record(self, store: Store[Any, Any], key: Any, before: Any) -> None:
        """Remember what a key held before a change; None stands for nothing."""
        self._entries.append((store, key, before))

    def clear(self) -> None:
        """Forget the past: nothing before now can be undone any more."""
        self._entries.clear()

    def undo_to(self, mark: int) -> None:
        """Take back every change since a mark, the newest first."""
        while len(self._entries) > mark:
            store, key, before = self._entries.pop()
            store.restore(key, before)


class Store(Generic[K, V]):
    """One mapping of the catalog; ``on_change`` hears (key, old value or None, new value or None).

    ``get`` gives the value of a key, or None; it is the mapping's own, for nothing is asked as often.
    """

    def __init__(
        self, log: UndoLog, on_change: Callable[[K, V | None, V | None], None] | None = None
    ) -> None:
        self._log = log
        self._values: dict[K, V] = {}
        self._on_change = on_change
        self.get: Callable[[K], V | None] = self._values.get

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> list[tuple[K, V]]:
        """All pairs; a copy, so that the store may change meanwhile."""
        return list(self._values.items())

    def values(self) -> list[V]:
        """All values; a copy."""
        return list(self._values.values())

    def put(self, key: K, value: V) -> None:
        """Set a value, remembering the one before."""
        self._log.record(self, key, self._values.get(key))
        self.restore(key, value)

    def remove(self, key: K) -> None:
        """Forget a key; nothing happens when it is not there."""
        if key in self._values:
            self._log.record(self, key, self._values[key])
            self.restore(key, None)

    def restore(self, key: K, value: V | None) -> None:
        """Set or forget a key without remembering."""
        if self._on_change is not None:
            self._on_change(key, self._values.get(key), value)
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value
