"""Statements with their values, as they go to a server: numbered places, and every value as text.

The server itself finds the types of the places, so a statement that needs one says it (``%(plan)s::jsonb``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

KEPT: Final = "lockgate_kept_"
"""What the names of our own prepared statements begin with."""

_PLACE = re.compile(r"%\((\w+)\)s|%%")


class Message(NamedTuple):
    """One statement of our own, with ``%(name)s`` where its values go."""

    sql: str
    values: Mapping[str, Any]


@functools.cache
def numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with ``$1``, ``$2`` … where it has ``%(name)s``, and the names in the order of their numbers."""
    names = tuple(dict.fromkeys(match[1] for match in _PLACE.finditer(sql) if match[1]))
    places = {name: f"${number}" for number, name in enumerate(names, 1)}
    return _PLACE.sub(lambda match: places.get(match[1], "%"), sql).encode(), names


def as_text(value: Any, encoding: str = "utf-8") -> bytes | None:
    """A value in PostgreSQL's text format; a list of plain values as an array of one dimension."""
    if value is None:
        return None
    if isinstance(value, bool):
        return b"true" if value else b"false"
    text = _array(value) if isinstance(value, list | tuple) else str(value)
    return text.encode(encoding)


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join("NULL" if value is None else _quoted(str(value)) for value in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
