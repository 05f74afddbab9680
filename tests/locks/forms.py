"""The statement forms of ``forms/*.sql``: one statement each, with an id and what it needs to be measured."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from lockgate.sql.parse import Statement, parse

FOLDER = Path(__file__).parent / "forms"
MAJORS = (15, 16, 17, 18)
_ID = re.compile(r"\[(?P<id>[a-z0-9-]+)\]\s*(?P<note>.*)\Z")
_DIRECTIVE = re.compile(r"(?P<key>versions|data|plan|sample|set|given|hold|undo):\s*(?P<value>.*)\Z")


@dataclass(frozen=True, slots=True)
class Form:
    """One statement form.

    ``data`` is ``any``, ``rows`` (needs rows to show what it does) or ``empty`` (fails when there are rows). ``given``
    runs before it in the same transaction. ``holds`` is empty for a form that runs in a transaction; otherwise each
    is a statement of another session that makes the form wait at a point where its locks can be read, or ``none``
    (nothing to read), or ``refused`` (only that a transaction refuses it can be shown). ``undo`` takes it back.
    ``planned`` says that the planner decides which rows are read, so that only the locks are compared; ``sample`` names
    the relations to compare of a statement that goes through the whole database.
    """

    id: str
    note: str
    family: str
    statement: Statement
    majors: tuple[int, ...] = MAJORS
    data: str = "any"
    settings: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    planned: bool = False
    sample: frozenset[str] = frozenset()

    @property
    def sql(self) -> str:
        return self.statement.sql

    @property
    def transactional(self) -> bool:
        return not self.holds

    def profiles(self) -> tuple[str, ...]:
        """The databases in which it is measured."""
        if self.holds:
            return ("rows",)
        return {"any": ("rows", "empty"), "rows": ("rows",), "empty": ("empty",)}[self.data]


@functools.cache
def all_forms() -> tuple[Form, ...]:
    """Every form, in the order of the files."""
    return tuple(form for path in sorted(FOLDER.glob("*.sql")) for form in _read(path))


def _read(path: Path) -> list[Form]:
    return [_form(path.stem, statement) for statement in parse(path.read_text("utf-8")).statements]


def _form(family: str, statement: Statement) -> Form:
    if statement.failure:
        raise ValueError(f"{family}: {statement.sql}: {statement.failure.message}")
    identity = None
    options: dict[str, list[str]] = {}
    for comment in statement.comments:
        if found := _ID.match(comment.text):
            identity = found
        elif found := _DIRECTIVE.match(comment.text):
            options.setdefault(found["key"], []).append(found["value"])
        else:
            raise ValueError(f"{family}: what does the comment {comment.text!r} mean?")
    if identity is None:
        raise ValueError(f"{family}: {statement.sql} has no id")
    return Form(
        identity["id"],
        identity["note"],
        family,
        statement,
        majors=_majors(options.get("versions", ["15-18"])[0]),
        data=options.get("data", ["any"])[0],
        settings=tuple(options.get("set", ())),
        given=tuple(options.get("given", ())),
        holds=tuple(options.get("hold", ())),
        undo=tuple(options.get("undo", ())),
        planned=options.get("plan") == ["free"],
        sample=frozenset(" ".join(options.get("sample", ())).split()),
    )


def _majors(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    return tuple(range(int(first), int(last or first) + 1))
