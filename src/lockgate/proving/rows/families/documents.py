"""JSON, XML and JSON paths."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lockgate.proving.rows.families.base import Family, Subject

_MOST_KEYS = 12


class Documents(Family):
    """``json`` and ``jsonb``."""

    names = frozenset({"json", "jsonb"})

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """A small object."""
        return json.dumps({"number": number, "tags": ["a", "b"], "inner": {"on": number % 2 == 0}})

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """JSON null, empty containers, bare values, deep nesting, a number beyond float, repeated keys."""
        usual = (
            "null",
            "{}",
            "[]",
            '""',
            "[null, {}]",
            "12345678901234567890.123",
            '{"": {"a": [[[]]]}}',
            '"\\ud83d\\udc18 \\""',
        )
        return (*usual, '{"a": 1,  "a": 2}') if subject.shape.name == "json" else usual

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """Objects that have the constants as keys, with values of every kind and each other as values."""
        keys = constants[:_MOST_KEYS]
        yield from ("{}", "[]", "null", '"text"', "1", "true", "[1, 2]")
        values: tuple[object, ...] = ("x", 1, True, [], {}, None)
        for value in values:
            yield json.dumps(dict.fromkeys(keys, value))
        for constant in keys:
            yield json.dumps(dict.fromkeys(keys, constant))
            yield json.dumps(constant)
            yield json.dumps([constant])
            yield from self._as_document(constant)

    def _as_document(self, constant: str) -> Iterator[str]:
        try:
            json.loads(constant)
        except ValueError:
            return
        yield constant


class Markup(Family):
    """``xml``."""

    names = frozenset({"xml"})

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """One element."""
        return f'<row number="{number}"/>'

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Text only, an entity, a comment."""
        return ("text", "<a>&amp;\u00e9</a>", "<!-- c --><b/>")


class Paths(Family):
    """``jsonpath``."""

    names = frozenset({"jsonpath"})

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """A path to a number."""
        return f'$."key"[{number}]'

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """The root, and a filter."""
        return ("$", 'strict $.**?(@.a > 1 && @.b starts with "x")')
