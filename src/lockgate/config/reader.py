"""Reads a TOML table into a section's dataclass; every fault is collected with its key and what is allowed there."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from lockgate.config.settings import Invalid

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a settings file: where (``("locks", "pause")``), and what."""

    key: tuple[str, ...]
    message: str


class _Faulty(Exception):  # noqa: N818 - carries what is wrong inside a table or a list
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


def read(cls: type[S], table: Any, key: tuple[str, ...], faults: list[Fault]) -> S:
    """An instance of a section; faults go to the list, and a faulty value leaves its default."""
    if not isinstance(table, Mapping):
        faults.append(Fault(key, "expected a table"))
        table = {}
    hints = typing.get_type_hints(cls, include_extras=True)
    known = {item.name for item in fields(typing.cast(Any, cls))}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            faults.append(Fault((*key, name), unknown(name, known)))
            continue
        try:
            values[name] = convert(hints[name], value)
        except Invalid as error:
            faults.append(Fault((*key, name), f"expected {error}, found {_shown(value)}"))
        except _Faulty as inside:
            faults += [Fault((*key, name, *fault.key), fault.message) for fault in inside.faults]
    return cls(**values)


def unknown(name: str, known: Sequence[str] | set[str]) -> str:
    """The message for a key that does not exist, with the nearest one that does."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"
    return f"unknown key; {hint}"


def convert(hint: Any, value: Any) -> Any:
    """A TOML value as the type of an annotation; raises Invalid with what is allowed."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        checks = [item for item in arguments[1:] if callable(item)]
        return checks[0](value) if checks else convert(arguments[0], value)
    if origin in (types.UnionType, typing.Union):
        return _one_of(arguments, value)
    if origin is typing.Literal:
        return _literal(arguments, value)
    if origin is tuple:
        return _list(arguments[0], value)
    if origin is Mapping:
        return _mapping(arguments[1], value)
    if is_dataclass(hint):
        return _inner(hint, value)
    return value if hint is Any else _plain(hint, value)


def _one_of(arguments: tuple[Any, ...], value: Any) -> Any:
    (choice,) = (argument for argument in arguments if argument is not types.NoneType)
    return convert(choice, value)


def _literal(choices: tuple[Any, ...], value: Any) -> Any:
    if value in choices:
        return value
    wanted = "one of " + ", ".join(f'"{choice}"' for choice in choices)
    close = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    raise Invalid(wanted + (f' (did you mean "{close[0]}"?)' if close else ""))


def _list(item: Any, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Invalid("a list")
    if not is_dataclass(item):
        return tuple(convert(item, entry) for entry in value)
    numbered = {str(number): entry for number, entry in enumerate(value, 1)}
    return tuple(_mapping(item, numbered).values())


def _mapping(item: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid("a table")
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, entry in value.items():
        try:
            found[name] = convert(item, entry)
        except Invalid as error:
            faults.append(Fault((name,), f"expected {error}, found {_shown(entry)}"))
        except _Faulty as inside:
            faults += [Fault((name, *fault.key), fault.message) for fault in inside.faults]
    if faults:
        raise _Faulty(faults)
    return found


def _inner(cls: Any, value: Any) -> Any:
    faults: list[Fault] = []
    made = read(cls, value, (), faults)
    if faults:
        raise _Faulty(faults)
    return made


_NAMES: dict[type, str] = {bool: "true or false", str: "a text in quotes", Path: "a path in quotes"}


def _plain(kind: Any, value: Any) -> Any:
    stored = str if kind is Path else kind
    if not isinstance(value, stored) or (kind is Path and not value.strip()):
        raise Invalid(_NAMES.get(kind, f"a value of type {kind.__name__}"))
    return Path(value) if kind is Path else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    return f'"{value}"' if isinstance(value, str) else str(value)
