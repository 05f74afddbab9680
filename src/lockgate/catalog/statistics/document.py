"""Statistics as a JSON document and back: every field is checked by its annotation, unknown ones are ignored."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, Final

from lockgate.catalog.statistics.model import Statistics

_MOST: Final = 10**18
"""More bytes, rows or seconds than anybody has."""

_FIRST: Final = ("format", "format_version")


class MalformedError(ValueError):
    """A document that is no statistics; the message names the field."""


def to_document(statistics: Statistics) -> dict[str, Any]:
    """The document; what tells the format stands first."""
    whole: dict[str, Any] = _plain(statistics)
    return {name: whole.pop(name) for name in _FIRST} | whole


def from_document(document: object) -> Statistics:
    """The statistics of a document; raises MalformedError."""
    found: Statistics = _read(Statistics, document, "")
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _read(kind: Any, value: Any, place: str) -> Any:
    """A value of an annotation."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _read_object(kind, value, place)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _read(arguments[0], value, place)
    if origin is tuple:
        return _read_list(arguments, value, place)
    if origin is typing.Literal:
        _require(value in arguments, place, f"one of {', '.join(map(repr, arguments))}")
        return value
    if origin is not None:
        _require(isinstance(value, dict), place, "an object")
        return {name: _read(arguments[1], item, f"{place}.{name}") for name, item in value.items()}
    return _read_plain(kind, value, place)


def _read_object(kind: Any, value: Any, place: str) -> Any:
    _require(isinstance(value, dict), place, "an object")
    found = {}
    for field in dataclasses.fields(kind):
        inside = f"{place}.{field.name}".lstrip(".")
        if field.name in value:
            found[field.name] = _read(_hints(kind)[field.name], value[field.name], inside)
        elif _is_required(field):
            raise MalformedError(f"{inside} is missing")
    return kind(**found)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read_list(arguments: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    _require(isinstance(value, list), place, "a list")
    if arguments[-1] is not Ellipsis:
        _require(len(value) == len(arguments), place, f"a list of {len(arguments)}")
        kinds = arguments
    else:
        kinds = (arguments[0],) * len(value)
    pairs = zip(kinds, value, strict=True)
    return tuple(_read(kind, item, f"{place}[{number}]") for number, (kind, item) in enumerate(pairs))


def _read_plain(kind: Any, value: Any, place: str) -> Any:
    if kind in (int, float):
        is_number = type(value) is kind or type(value) is int
        # Written the other way round, a comparison with NaN would let it pass.
        _require(is_number and 0 <= value <= _MOST, place, "a number that is not negative")
        return kind(value)
    _require(type(value) is kind, place, "a text" if kind is str else "true or false")
    return value


def _require(holds: bool, place: str, wanted: str) -> None:
    if not holds:
        raise MalformedError(f"{place or 'the document'} must be {wanted}")


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
