"""Geometric types, of the server and of PostGIS."""

from __future__ import annotations

import re
from typing import ClassVar

from lockgate.proving.rows.families.base import Family, Subject


class Shapes(Family):
    """``point``, ``line``, ``lseg``, ``box``, ``path``, ``polygon`` and ``circle``."""

    names = frozenset({"point", "line", "lseg", "box", "path", "polygon", "circle"})
    form = re.compile(r"[(\[<{].*")
    _plain: ClassVar[dict[str, str]] = {
        "point": "({0},{1})",
        "line": "{{1,-1,{0}}}",
        "lseg": "[({0},0),({1},1)]",
        "box": "({1},{1}),({0},{0})",
        "path": "[({0},0),({1},1)]",
        "polygon": "(({0},0),({0},1),({1},1))",
        "circle": "<({0},{0}),1>",
    }
    _hostile: ClassVar[dict[str, tuple[str, ...]]] = {
        "point": ("(0,0)", "(NaN,1)", "(Infinity,-Infinity)", "(1e-300,1e300)"),
        "line": ("{0,1,0}", "{1,0,0}"),
        "lseg": ("[(0,0),(0,0)]",),
        "box": ("(0,0),(0,0)",),
        "path": ("((0,0))", "((0,0),(1,1))"),
        "polygon": ("((0,0))",),
        "circle": ("<(0,0),0>",),
    }

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Shapes side by side that do not overlap."""
        return self._plain[subject.shape.name].format(number * 10, number * 10 + 1)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Shapes without extent, coordinates without end."""
        return self._hostile[subject.shape.name]


class Features(Family):
    """``geometry`` and ``geography`` of PostGIS, ``vector`` types of pgvector, ``cube`` and ``seg``."""

    names = frozenset({"geometry", "geography", "vector", "halfvec", "sparsevec", "cube", "seg"})

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """A point, or a vector of the column's dimension."""
        name, size = subject.shape.name, max(subject.typmod, 1)
        if name in {"vector", "halfvec"}:
            return "[" + ",".join(str((number + i) % 7 + 1) for i in range(size)) + "]"
        if name == "sparsevec":
            return f"{{1:{number + 1}}}/{size}"
        if name in {"cube", "seg"}:
            return str(number)
        srid = 4326 if name == "geography" else (subject.typmod >> 8) & 0x1FFFFF if subject.typmod > 0 else 0
        return f"SRID={srid};POINT({number % 90} {number % 45})"
