"""What pictures are made of: SVG as text, alone or in a page, which needs nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

INK: Final = "#1d2430"
FAINT: Final = "#5b6472"
LINE: Final = "#d5d9e0"
PAPER: Final = "#ffffff"
ALARM: Final = "#a8321a"

_STYLE: Final = (
    f"body{{margin:24px;font:14px system-ui,sans-serif;background:{PAPER};color:{INK}}}"
    "figure{margin:0;overflow-x:auto}li{margin:4px 0}pre{margin:4px 0;white-space:pre-wrap}"
)


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    fill: str = INK,
    anchor: str = "start",
    weight: int = 400,
) -> str:
    """Words whose base line begins (``anchor`` start), has its middle or ends at a point; pixels."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" fill="{fill}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, *, stroke: str = LINE) -> str:
    """A rectangle with rounded corners; pixels."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" fill="{fill}" stroke="{stroke}"/>'


def line(x: float, y: float, to_x: float, to_y: float, *, stroke: str = LINE, dashed: bool = False) -> str:
    """A straight line between two points; pixels."""
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}" stroke="{stroke}"{dashes}/>'


def titled(about: str, *marks: str) -> str:
    """Marks that say what they are when the pointer rests on them."""
    return f"<g><title>{escape(about)}</title>{''.join(marks)}</g>"


def moved(down: float, marks: Iterable[str]) -> Iterator[str]:
    """Marks so many pixels further down."""
    yield f'<g transform="translate(0 {down:g})">'
    yield from marks
    yield "</g>"


def svg(width: int, height: int, about: str, marks: Iterable[str]) -> str:
    """A picture of that size; ``about`` is for those who cannot see it."""
    body = "\n".join(marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="system-ui, sans-serif" role="img" aria-label="{escape(about)}">\n'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


def page(title: str, picture: str, below: str = "") -> str:
    """A page that holds a picture, and HTML below it."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n<figure>\n{picture}</figure>\n{below}</body></html>\n"
    )
