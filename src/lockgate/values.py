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
        return dataclass(slots=True, unsafe_hash=True, order=order)

    def replace(old: T, /, **changes: Any) -> T:
        """A copy of a value of several fields with some of them changed; raises KeyError for one that it has not."""
        get, places = _fields(type(old))
        values = list(get(old))
        for name, new in changes.items():
            values[places[name]] = new
        return type(old)(*values)

    @functools.cache
    def _fields(cls: type) -> tuple[Any, dict[str, int]]:
        names = [item.name for item in fields(cls)]
        if len(names) < 2:
            raise TypeError("a value of one field is made anew")
        return operator.attrgetter(*names), {name: place for place, name in enumerate(names)}
