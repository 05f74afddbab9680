"""Pictures as files: ``.svg`` alone, ``.html`` as a page around it."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.frame import Workplace
from lockgate.drawing import page
from lockgate.errors import UsageError

FILE = click.Path(dir_okay=False, path_type=Path)
"""The type of an option that names a file to write."""


def require_writable(*paths: Path | None) -> None:
    """Refuse at once what could not be written after minutes of work; raises UsageError."""
    for path in filter(None, paths):
        if not path.resolve().parent.is_dir():
            raise UsageError(
                f"{path} cannot be written: there is no folder {path.parent}",
                next_steps=[f"mkdir -p {path.parent}"],
            )


def require_picture(path: Path | None) -> None:
    """Refuse a picture that is neither ``.svg`` nor ``.html``, or has no folder to go to; raises UsageError."""
    if path is not None and path.suffix.lower() not in (".svg", ".html"):
        raise UsageError(
            f"--picture draws .svg or .html, not {path.name}",
            next_steps=[f"--picture {path.with_suffix('.svg')}"],
        )
    require_writable(path)


def write_picture(place: Workplace, path: Path, title: str, picture: str, below: str = "") -> None:
    """Write a picture; a page also has a title, and HTML ``below`` it."""
    is_page = path.suffix.lower() == ".html"
    path.write_text(page(title, picture, below) if is_page else picture, "utf-8")
    place.console.say(f"wrote {path}")
