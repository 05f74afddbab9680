"""Frozen dataclasses that cost little to make, for rooms that make hundreds of thousands of them.

``dataclasses.dataclass(frozen=True)`` sets every field through ``object.__setattr__``: a fifth of the time of a whole
check went into that. Here the type checker keeps the promise instead: to it these two *are* ``dataclass`` and
``replace`` of the standard library, and it refuses every assignment to a field.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as value
    from dataclasses import replace

    __all__ = ["replace", "value"]
else:
    from dataclasses import _FIELD, MISSING, Field, dataclass, field, fields

    T = TypeVar("T")

    def value(*, frozen: bool, slots: bool, order: bool = False) -> Callable[[type[T]], type[T]]:
        """A decorator like ``dataclass(frozen=True, slots=True)``; both have to be said."""
        if not (frozen and slots):
            raise TypeError("a value is frozen and has slots")
        return functools.partial(_make, order=order)

    def _make(cls: type[T], order: bool) -> type[T]:
        # ``dataclass`` compiles every method of every class anew, which was a fifth of the time that imports take. Here
        # they are made once and shared, and ``__init__`` is compiled when the first value is made.
        made = _with_slots(cls)
        if "__repr__" not in vars(cls):
            made.__repr__ = _repr
        items = made.__dataclass_fields__.values()
        parts = _getter([item.name for item in items if item.compare])
        hashed = _getter([item.name for item in items if item.compare and item.hash is not False])

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

    def _with_slots(cls: type[T]) -> type[T]:
        """The class again, with its fields as slots."""
        items = {name: item for base in cls.__mro__[:0:-1] for name, item in _known_fields(base).items()}
        kinds = inspect.get_annotations(cls)
        own = [name for name in kinds if name not in items]
        for name in own:
            items[name] = _as_field(name, kinds[name], vars(cls).get(name, MISSING))
        body = {name: part for name, part in vars(cls).items() if name not in own and name not in _OF_A_DICT}
        body |= {"__slots__": tuple(own), "__match_args__": tuple(items), "__init__": _first_init}
        body |= {"__dataclass_fields__": items, "__dataclass_params__": _PARAMETERS}
        made = type(cls)(cls.__name__, cls.__bases__, body)
        made.__qualname__ = cls.__qualname__
        return made

    _OF_A_DICT = ("__dict__", "__weakref__")
    _PARAMETERS = dataclass(eq=False, repr=False)(type("Sample", (), {})).__dataclass_params__

    def _known_fields(cls: type) -> dict[str, Field[Any]]:
        found: dict[str, Field[Any]] = vars(cls).get("__dataclass_fields__", {})
        return found

    def _as_field(name: str, kind: Any, default: Any) -> Field[Any]:
        item = default if isinstance(default, Field) else field(default=default)
        if item.default.__class__.__hash__ is None:
            raise ValueError(f"{name}: a default that can change is shared by all; use default_factory")
        item.name, item.type, item._field_type, item.kw_only = name, kind, _FIELD, False
        return item

    def _first_init(self: Any, *values: Any, **named: Any) -> None:
        """Compile the ``__init__`` of a class, and go on with it; two threads may do it both."""
        cls = next(base for base in type(self).__mro__ if "__dataclass_fields__" in vars(base))
        if vars(cls)["__init__"] is _first_init:
            cls.__init__ = _init_of(cls)
        cls.__init__(self, *values, **named)

    def _init_of(cls: type) -> Callable[..., None]:
        names: dict[str, Any] = {"_missing": MISSING}
        heads, lines = [], []
        for name, item in cls.__dataclass_fields__.items():
            if item.default_factory is not MISSING:
                names[f"_new_{name}"] = item.default_factory
                heads.append(f"{name}=_missing")
                lines.append(f" self.{name} = _new_{name}() if {name} is _missing else {name}")
                continue
            if item.default is not MISSING:
                names[f"_of_{name}"] = item.default
            heads.append(name if item.default is MISSING else f"{name}=_of_{name}")
            lines.append(f" self.{name} = {name}")
        text = f"def __init__(self, {', '.join(heads)}):\n" + "\n".join(lines or [" pass"])
        exec(text, names)  # noqa: S102 (of names of fields only, as ``dataclass`` does)
        return names["__init__"]

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
