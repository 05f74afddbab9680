"""The matrix as a picture: one SVG, and the holes in words for the page around it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from lockgate.drawing import ALARM, FAINT, INK, box, svg, text, titled
from lockgate.verify.rls.matrix import kinds
from lockgate.verify.rls.model import COMMANDS, Cell, Line, Matrix

TITLE: Final = "Row-level security"

_COLOURS: Final = {
    "none": "#e7e9ee",
    "no privilege": "#f6f7f9",
    "own": "#9ccfa4",
    "some": "#f3cf73",
    "all": "#e48a6b",
    "untestable": "#ffffff",
}
_ERROR: Final = "#b9a3d6"
_BYPASSING: Final = "#d3deec"
_MARKS: Final = {
    "none": "–",
    "no privilege": "×",
    "own": "own",
    "some": "some",
    "all": "all",
    "untestable": "?",
}
_WORDS: Final = {
    "none": "denied by policy",
    "no privilege": "no privilege",
    "own": "own rows",
    "some": "some rows of others",
    "all": "all rows",
    "untestable": "untestable",
}
_ROW: Final = 26
_CELL: Final = 40
_GROUP: Final = len(COMMANDS) * _CELL
_GAP: Final = 14
_TOP: Final = 78


def draw(matrix: Matrix) -> str:
    """The matrix as SVG: a row for each relation, a group of columns for each persona."""
    names = kinds(matrix)
    left = 40 + max((len(_label(line)) for line in matrix.lines), default=10) * 7
    width = left + len(names) * (_GROUP + _GAP) + 10
    height = _TOP + len(matrix.lines) * _ROW + 60
    return svg(width, height, "Who may do what with which rows", _marks(matrix, names, left, height))


def holes(matrix: Matrix) -> str:
    """What was found, as HTML."""
    if not matrix.holes:
        return "<p>No holes were found.</p>\n"
    items = "".join(
        f"<li><b>{escape(hole.where)}</b> {escape(hole.what)}. {escape(hole.why)}.</li>\n"
        for hole in matrix.holes
    )
    return f"<h2>Holes</h2>\n<ul>\n{items}</ul>\n"


def _marks(matrix: Matrix, names: list[str], left: int, height: int) -> Iterator[str]:
    for number, name in enumerate(names):
        yield from _head(left + number * (_GROUP + _GAP), name)
    for number, line in enumerate(matrix.lines):
        yield from _row(line, names, left, _TOP + number * _ROW)
    yield from _legend(10, height - 24)


def _head(x: int, name: str) -> Iterator[str]:
    yield text(x + _GROUP // 2, 30, name, anchor="middle", weight=600)
    for place, command in enumerate(COMMANDS):
        yield text(x + place * _CELL + _CELL // 2, 62, command.value, size=11, fill=FAINT, anchor="middle")


def _row(line: Line, names: list[str], left: int, y: int) -> Iterator[str]:
    secured = line.rls or line.kind in ("v", "m", "f")
    yield text(10, y + 17, _label(line), fill=INK if secured else ALARM)
    width = _GROUP // len(line.commands)
    for number, name in enumerate(names):
        for place, command in enumerate(line.commands):
            cell = line.cells.get((name, command))
            if cell is not None:
                x = left + number * (_GROUP + _GAP) + place * width
                about = f"{name} {command.value} {line.relation}"
                yield _square(cell, x, y, width, about, _BYPASSING if name == "service_role" else None)


def _square(cell: Cell, x: int, y: int, width: int, about: str, usual: str | None) -> str:
    colour = usual if usual and cell.reach == "all" else _COLOURS.get(cell.reach, _ERROR)
    mark = _MARKS.get(cell.reach, cell.sqlstate or "!")
    return titled(
        f"{about}: {cell}",
        box(x + 1, y + 1, width - 2, _ROW - 3, colour),
        text(x + width // 2, y + 17, mark, size=11 if len(mark) < 5 else 9, anchor="middle"),
    )


def _legend(x: int, y: int) -> Iterator[str]:
    for reach, words in _WORDS.items():
        yield box(x, y - 11, 14, 14, _COLOURS[reach])
        yield text(x + 20, y, words, fill=FAINT)
        x += 40 + len(words) * 7


def _label(line: Line) -> str:
    marks = {"v": "view", "m": "materialized view", "f": "function"}.get(
        line.kind, "" if line.rls else "RLS off"
    )
    return f"{line.relation}  {marks}".rstrip()
