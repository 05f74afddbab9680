"""Expectations pinned in a file that people read: who may do what, and which findings are meant.

One table of the file for each relation, one line for each persona; a finding that is meant is accepted with a reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lockgate.errors import ConfigError
from lockgate.verify.rls.model import Cell, Command, Hole, Line, Matrix, Verdict

REACHES: Final = ("none", "own", "some", "all", "no privilege")
"""What may be expected: nothing although rows are there, own rows, some of others', all, not even the privilege."""

_HEAD: Final = """\
# Who may do what with which rows: none, own, some, all, or "no privilege".
# "lockgate verify --rls" and "lockgate test --rls" fail when the database does otherwise;
# "lockgate verify --rls --write" writes the file anew and keeps what is accepted.
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is meant, and why."""

    hole: str
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a file pins: the reach by (relation, persona, command), and what is accepted."""

    cells: Mapping[tuple[str, str, Command], str] = field(default_factory=dict)
    accepted: tuple[Accepted, ...] = ()

    def accepts(self, hole: Hole) -> bool:
        """Whether a finding is meant."""
        return any(item.hole == hole.kind and item.on == hole.where for item in self.accepted)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A cell that is not as pinned."""

    relation: str
    persona: str
    command: Command
    expected: str
    found: Cell

    def __str__(self) -> str:
        return (
            f"{self.persona} {self.command} on {self.relation}: expected {self.expected},"
            f" found {self.found.reach} ({self.found})"
        )


def read(path: Path) -> Expectations | None:
    """The expectations of a file, None when there is no file; raises ConfigError for one that cannot be used."""
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    unknown = set(document) - {"tables", "accept"}
    if unknown:
        raise _wrong(path, f"{min(unknown)} is not known here", "tables and accept are")
    return Expectations(dict(_cells(path, document.get("tables", {}))), tuple(_accepted(path, document)))


def _cells(path: Path, tables: Any) -> Iterator[tuple[tuple[str, str, Command], str]]:
    for relation, personas in _table(path, tables, "tables").items():
        for persona, commands in _table(path, personas, relation).items():
            for command, reach in _table(path, commands, f"{relation} {persona}").items():
                if command not in set(Command):
                    raise _wrong(path, f"{relation}: {command!r} is no command", ", ".join(Command))
                if reach not in REACHES:
                    raise _wrong(path, f"{relation} {persona} {command}: {reach!r}", ", ".join(REACHES))
                yield (relation, persona, Command(command)), reach


def _table(path: Path, value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, f"{name} is not a table", 'such as anon = { select = "none" }')
    return value


def _accepted(path: Path, document: dict[str, Any]) -> Iterator[Accepted]:
    listed = document.get("accept", [])
    for item in listed if isinstance(listed, list) else [None]:
        names = ("hole", "on", "reason")
        if not isinstance(item, dict) or any(not isinstance(item.get(name), str) for name in names):
            raise _wrong(
                path, "accept needs hole, on and reason", '[[accept]] hole = "…" on = "…" reason = "…"'
            )
        if not item["reason"].strip():
            raise _wrong(
                path, f"accepting {item['hole']} on {item['on']} needs a reason", "say why it is meant"
            )
        yield Accepted(item["hole"], item["on"], item["reason"])


def _wrong(path: Path, what: str, allowed: str) -> ConfigError:
    return ConfigError(f"{path}: {what}", next_steps=[f"allowed: {allowed}"])


def compare(expected: Expectations, matrix: Matrix, *, strict: bool) -> list[Mismatch]:
    """The cells that are not as pinned.

    Cells that could not be tried are passed over. Unless ``strict``, "some" and "all" are the same: which it is depends
    on the rows that a database happens to have.
    """
    lines = {str(line.relation): line for line in matrix.lines}
    found = []
    for (relation, persona, command), reach in expected.cells.items():
        line = lines.get(relation)
        cell = line.cells.get((persona, command)) if line is not None else None
        if cell is None or cell.verdict is Verdict.UNTESTABLE or _agree(persona, reach, cell, strict=strict):
            continue
        found.append(Mismatch(relation, persona, command, reach, cell))
    return found


def _agree(persona: str, expected: str, cell: Cell, *, strict: bool) -> bool:
    found = cell.reach
    if found == expected:
        return True
    if not strict and {found, expected} == {"some", "all"}:
        return True
    if not strict and persona.startswith("member") and {found, expected} <= {"none", "own"}:
        # Which part a member has differs from one database to the next.
        return True
    # Where nothing belongs to the persona here, nothing own could be shown.
    return expected == "own" and found == "none" and cell.of_own == 0


def unpinned(expected: Expectations, matrix: Matrix) -> list[str]:
    """Relations that the file does not know."""
    known = {relation for relation, _, _ in expected.cells}
    return [str(line.relation) for line in matrix.lines if line.personas and str(line.relation) not in known]


def write(matrix: Matrix, accepted: tuple[Accepted, ...] = ()) -> str:
    """The text of a file that pins a matrix; cells that could not be tried, or that fail, are left out."""
    parts = [_HEAD]
    for line in sorted(matrix.lines, key=lambda line: str(line.relation)):
        rows = [
            f"{_key(persona.kind)} = {{ {cells} }}"
            for persona in line.personas
            if (cells := _pins(line, persona.kind))
        ]
        if rows:
            parts.append(f"[tables.{_quoted(str(line.relation))}]\n" + "\n".join(rows) + "\n")
    parts += [
        f"[[accept]]\nhole = {_quoted(item.hole)}\non = {_quoted(item.on)}\nreason = {_quoted(item.reason)}\n"
        for item in accepted
    ]
    return "\n".join(parts)


def _pins(line: Line, persona: str) -> str:
    cells = [(command, line.cells.get((persona, command))) for command in line.commands]
    return ", ".join(
        f"{command} = {_quoted(cell.reach)}"
        for command, cell in cells
        if cell is not None and cell.reach in REACHES
    )


def _key(name: str) -> str:
    return name if name.replace("_", "a").replace("-", "a").isalnum() and name.isascii() else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
