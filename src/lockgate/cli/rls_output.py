"""How the matrix of row-level security looks in a terminal and as JSON."""

from __future__ import annotations

from typing import Any, Final

from lockgate.console import Console
from lockgate.verify.rls.matrix import kinds
from lockgate.verify.rls.model import COMMANDS, Cell, Line, Matrix

_LETTERS: Final = {"all": "A", "some": "s", "own": "o", "none": "-", "no privilege": "x", "untestable": "?"}
LEGEND: Final = (
    "select insert update delete:  A all rows   o own rows only   s some of others' rows   - denied by policy"
    "   x no privilege   ! error   ? untestable"
)


def say_matrix(console: Console, matrix: Matrix, words: str) -> None:
    """The matrix as a table: a row for each relation, four letters for each persona."""
    names = kinds(matrix)
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
    console.say(f"{matrix.probes:,} probes {words}")


def letters(line: Line, kind: str) -> list[str]:
    """The cells of one persona, as one letter each; empty where the relation has no such persona."""
    cells = [line.cells.get((kind, command)) for command in COMMANDS]
    return [letter(cell) for cell in cells] if any(cells) else []


def letter(cell: Cell | None) -> str:
    """One cell as one letter."""
    if cell is None:
        return " "
    return _LETTERS.get(cell.reach, "!")


def _label(line: Line) -> str:
    marks = {"v": "view", "m": "materialized view"}.get(line.kind, "" if line.rls else "RLS off")
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
            for command in COMMANDS
            if (cell := line.cells.get((persona.kind, command))) is not None
        ],
    }
