"""The matrix as a picture: one SVG, alone or in a page; it needs nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from lockgate.verify.rls.matrix import kinds
from lockgate.verify.rls.model import COMMANDS, Cell, Line, Matrix

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
_ROW: Final = 26
_CELL: Final = 40
_GAP: Final = 14
_TOP: Final = 78


def render(matrix: Matrix, *, html: bool) -> str:
    """The picture as SVG, or as a page that holds it."""
    svg = "\n".join(_svg(matrix))
    if not html:
        return svg + "\n"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Row-level security</title>'
        "<style>body{margin:24px;font:14px system-ui,sans-serif;background:#fff;color:#1d2430}"
        "svg{max-width:100%;height:auto}li{margin:4px 0}</style></head><body>\n"
        f"<h1>Row-level security</h1>\n{svg}\n{_list(matrix)}</body></html>\n"
    )


def _list(matrix: Matrix) -> str:
    if not matrix.holes:
        return "<p>No holes were found.</p>\n"
    items = "".join(
        f"<li><b>{escape(hole.where)}</b> {escape(hole.what)}. {escape(hole.why)}.</li>\n"
        for hole in matrix.holes
    )
    return f"<h2>Holes</h2>\n<ul>\n{items}</ul>\n"


def _svg(matrix: Matrix) -> Iterator[str]:
    names = kinds(matrix)
    left = 40 + max((len(_label(line)) for line in matrix.lines), default=10) * 7
    group = len(COMMANDS) * _CELL
    width = left + len(names) * (group + _GAP) + 10
    height = _TOP + len(matrix.lines) * _ROW + 60
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Who may do what with which rows">'
    )
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    for number, name in enumerate(names):
        yield from _head(left + number * (group + _GAP), name)
    for number, line in enumerate(matrix.lines):
        yield from _row(line, names, left, _TOP + number * _ROW)
    yield from _legend(10, height - 24)
    yield "</svg>"


def _head(x: int, name: str) -> Iterator[str]:
    middle = x + len(COMMANDS) * _CELL // 2
    yield f'<text x="{middle}" y="30" text-anchor="middle" font-weight="600" fill="#1d2430">{escape(name)}</text>'
    for place, command in enumerate(COMMANDS):
        middle = x + place * _CELL + _CELL // 2
        yield f'<text x="{middle}" y="62" text-anchor="middle" fill="#5b6472" font-size="11">{command.value}</text>'


def _row(line: Line, names: list[str], left: int, y: int) -> Iterator[str]:
    colour = "#1d2430" if line.rls or line.kind in ("v", "m", "f") else "#a8321a"
    yield f'<text x="10" y="{y + 17}" fill="{colour}">{escape(_label(line))}</text>'
    for number, name in enumerate(names):
        width = len(COMMANDS) * _CELL // len(line.commands)
        for place, command in enumerate(line.commands):
            cell = line.cells.get((name, command))
            if cell is not None:
                x = left + number * (len(COMMANDS) * _CELL + _GAP) + place * width
                about = f"{name} {command.value} {line.relation}"
                yield from _square(cell, x, y, width, about, _BYPASSING if name == "service_role" else None)


def _square(cell: Cell, x: int, y: int, width: int, about: str, usual: str | None) -> Iterator[str]:
    colour = usual if usual and cell.reach == "all" else _COLOURS.get(cell.reach, _ERROR)
    mark = _MARKS.get(cell.reach, cell.sqlstate or "!")
    size = 11 if len(mark) < 5 else 9
    yield (
        f'<g><title>{escape(about)}: {escape(str(cell))}</title><rect x="{x + 1}" y="{y + 1}" width="{width - 2}"'
        f' height="{_ROW - 3}" rx="3" fill="{colour}" stroke="#d5d9e0"/><text x="{x + width // 2}" y="{y + 17}"'
        f' text-anchor="middle" font-size="{size}" fill="#1d2430">{escape(mark)}</text></g>'
    )


def _legend(x: int, y: int) -> Iterator[str]:
    words = {
        "none": "denied by policy",
        "no privilege": "no privilege",
        "own": "own rows",
        "some": "some rows of others",
        "all": "all rows",
        "untestable": "untestable",
    }
    for reach, text in words.items():
        yield f'<rect x="{x}" y="{y - 11}" width="14" height="14" rx="3" fill="{_COLOURS[reach]}" stroke="#d5d9e0"/>'
        yield f'<text x="{x + 20}" y="{y}" fill="#5b6472">{text}</text>'
        x += 40 + len(text) * 7


def _label(line: Line) -> str:
    marks = {"v": "view", "m": "materialized view", "f": "function"}.get(
        line.kind, "" if line.rls else "RLS off"
    )
    return f"{line.relation}  {marks}".rstrip()
