"""How the matrix of row-level security looks in a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from lockgate.console import Console, counted
from lockgate.verify.rls.changes import Change
from lockgate.verify.rls.matrix import kinds
from lockgate.verify.rls.model import Cell, Hole, Line, Matrix

if TYPE_CHECKING:
    from lockgate.workflow.verifying import Rls

_LETTERS: Final = {"all": "A", "some": "s", "own": "o", "none": "-", "no privilege": "x", "untestable": "?"}
LEGEND: Final = (
    "select insert update delete:  A all rows   o own rows only   s some of others' rows   - denied by policy"
    "   x no privilege   ! error   ? untestable; one letter for a function: the rows that it gives"
)


def say_rls(console: Console, found: Rls) -> None:
    """The matrix, the holes, and what differs from another environment."""
    say_matrix(console, found.matrix, found.words)
    for hole in found.holes:
        say_hole(console, hole)
    say_advice(console, found.matrix.advice)
    for change in found.changes:
        console.say(f"differs from {found.against}  {change}")
    if found.accepted:
        console.say(f"{len(found.accepted)} findings are accepted in the expectations")


_SHOWN: Final = 5
"""So many pieces of advice of one kind are listed; ``--verbose`` lists all."""


def say_advice(console: Console, advice: Sequence[Hole]) -> None:
    """What could be faster or is worth a look: a few of each kind, and how many more there are."""
    for kind in dict.fromkeys(hole.kind for hole in advice):
        alike = [hole for hole in advice if hole.kind == kind]
        shown = alike if console.verbose else alike[:_SHOWN]
        for hole in shown:
            console.say(f"advice  {hole.where}: {hole.what}")
            console.say(f"        {hole.remedy}")
        if len(shown) < len(alike):
            console.say(f"advice  {len(alike) - len(shown)} more of {kind}; --verbose lists them")


def say_hole(console: Console, hole: Hole) -> None:
    """A hole: what was done, why it could be, and what to do."""
    console.say()
    policy = f"  policy {hole.policy!r}" if hole.policy else ""
    console.say(f"{console.style(hole.where, 'bold')}  {console.style(hole.kind, 'red')}{policy}")
    console.say(f"     {hole.what}")
    console.say(f"     why   {hole.why}")
    console.say(f"     next  {hole.remedy}")


def rls_document(found: Rls) -> dict[str, Any]:
    """The machine output of all that was tried."""
    return matrix_document(found.matrix) | {
        "about": found.words,
        "holes": [hole_document(hole) for hole in found.holes],
        "accepted": [hole_document(hole) for hole in found.accepted],
        "advice": [hole_document(hole) for hole in found.matrix.advice],
        "mismatches": [str(item) for item in found.mismatches],
        "against": found.against,
        "changes": [change_document(change) for change in found.changes],
    }


def hole_document(hole: Hole) -> dict[str, Any]:
    """The machine output of one finding."""
    return {
        "kind": hole.kind,
        "relation": hole.where,
        "policy": hole.policy,
        "persona": hole.persona,
        "command": hole.command,
        "message": hole.what,
        "why": hole.why or None,
        "safe": hole.remedy or None,
        "level": hole.level,
    }


def change_document(change: Change) -> dict[str, Any]:
    """The machine output of one cell that is different."""
    return {
        "relation": change.relation,
        "persona": change.persona,
        "command": change.command.value,
        "before": str(change.before),
        "after": str(change.after),
        "widened": change.widened,
        "message": str(change),
    }


def say_matrix(console: Console, matrix: Matrix, words: str) -> None:
    """The matrix as a table: a row for each relation, four letters for each persona."""
    for names in _that_fit(console.width, matrix):
        console.table(
            ("table", "rows", *names),
            [
                [_label(line), line.rows, *("".join(letters(line, name)) for name in names)]
                for line in matrix.lines
            ],
        )
        console.say()
    console.say(LEGEND)
    for note in matrix.notes:
        console.warn(note)
    console.say(f"{counted(matrix.probes, 'probe')} {words}")


def _that_fit(width: int, matrix: Matrix) -> Iterator[list[str]]:
    """The personas in groups that fit beside the names of the tables."""
    room = width - max((len(_label(line)) for line in matrix.lines), default=0) - 10
    group: list[str] = []
    for name in kinds(matrix):
        if group and sum(max(len(one), 4) + 2 for one in [*group, name]) > room:
            yield group
            group = []
        group.append(name)
    if group:
        yield group


def letters(line: Line, kind: str) -> list[str]:
    """The cells of one persona, as one letter each; empty where the relation has no such persona."""
    cells = [line.cells.get((kind, command)) for command in line.commands]
    return [letter(cell) for cell in cells] if any(cells) else []


def letter(cell: Cell | None) -> str:
    """One cell as one letter."""
    if cell is None:
        return " "
    return _LETTERS.get(cell.reach, "!")


def _label(line: Line) -> str:
    marks = {"v": "view", "m": "materialized view", "f": ""}.get(line.kind, "" if line.rls else "RLS off")
    return f"{line.relation} ({marks})" if marks else str(line.relation)


def matrix_document(matrix: Matrix) -> dict[str, Any]:
    """The machine output of the matrix."""
    return {
        "relations": [_line_document(line) for line in matrix.lines],
        "notes": matrix.notes,
        "probes": matrix.probes,
        "seconds": round(matrix.seconds, 3),
        "manner": matrix.manner,
    }


def _line_document(line: Line) -> dict[str, Any]:
    return {
        "relation": str(line.relation),
        "kind": line.kind,
        "rls": line.rls,
        "rows": line.rows,
        "note": line.note or None,
        "cells": [
            {
                "persona": persona.kind,
                "role": persona.role,
                "command": command.value,
                "verdict": cell.verdict.value,
                "reach": cell.reach,
                "rows": cell.rows,
                "of": cell.of,
                "sqlstate": cell.sqlstate,
                "note": cell.note or None,
            }
            for persona in line.personas
            for command in line.commands
            if (cell := line.cells.get((persona.kind, command))) is not None
        ],
    }
