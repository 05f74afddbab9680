"""Frozen dataclasses that cost little to make, for rooms that make hundreds of thousands of them.

``dataclasses.dataclass(frozen=True)`` sets every field through ``object.__setattr__``: a fifth of the time of a whole
check went into that. Here the type checker keeps the promise instead: to it these two *are* ``dataclass`` and
``replace`` of the standard library, and it refuses every assignment to a field.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as value
    from dataclasses import replace

    __all__ = ["replace", "value"]
else:
    from dataclasses import dataclass, fields

    T = TypeVar("T")

    def value(*, frozen: bool, slots: bool, order: bool = False) -> Callable[[type[T]], type[T]]:
        """A decorator like ``dataclass(frozen=True, slots=True)``; both have to be said."""
        if not (frozen and slots):
            raise TypeError("a value is frozen and has slots")
        return functools.partial(_make, order=order)

    def _make(cls: type[T], order: bool) -> type[T]:
        # ``dataclass`` compiles every method of every class anew; one that is made once and shared costs nothing.
        made = dataclass(slots=True, eq=False, repr=False)(cls)
        if "__repr__" not in vars(cls):
            made.__repr__ = _repr
        parts = _getter([item.name for item in fields(made) if item.compare])
        hashed = _getter([item.name for item in fields(made) if item.compare and item.hash is not False])

        def equal(self: T, other: object) -> bool:
            return parts(self) == parts(other) if other.__class__ is self.__class__ else NotImplemented

        def number(self: T) -> int:
            return hash(hashed(self))

        if "__hash__" not in vars(cls):
            made.__hash__ = number
        made.__eq__ = equal
        if order:
            _give_order(made, parts)
        return made

    def _getter(names: list[str]) -> Callable[[Any], Any]:
        return operator.attrgetter(*names) if names else type

    def _give_order(cls: type, parts: Callable[[Any], Any]) -> None:
        for name in ("__lt__", "__le__", "__gt__", "__ge__"):
            compare = getattr(operator, name)

            def ordered(self: Any, other: object, compare: Any = compare) -> bool:
                return compare(parts(self), parts(other)) if other.__class__ is cls else NotImplemented

            setattr(cls, name, ordered)

    def _repr(self: Any) -> str:
        shown = (f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def replace(old: T, /, **changes: Any) -> T:
        """A copy of a value with some of its fields changed; raises KeyError for one that it has not."""
        get, places = _fields(type(old))
        values = list(get(old))
        for name, new in changes.items():
            values[places[name]] = new
        return type(old)(*values)

    @functools.cache
    def _fields(cls: type) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int]]:
        names = [item.name for item in fields(cls)]
        places = {name: place for place, name in enumerate(names)}
        if len(names) > 1:
            return operator.attrgetter(*names), places
        return lambda old: tuple(getattr(old, name) for name in names), places
