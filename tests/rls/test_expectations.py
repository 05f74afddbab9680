"""The file of expectations: what it says is compared, what it cannot mean is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.errors import ConfigError
from lockgate.sql.identifiers import QualifiedName
from lockgate.verify.rls.changes import between, between_environments
from lockgate.verify.rls.expectations import Accepted, compare, read, write
from lockgate.verify.rls.model import Cell, Command, Line, Matrix, Persona, Verdict

NOTES = QualifiedName("public", "notes")


def matrix(cells: dict[tuple[str, Command], Cell], rows: int = 120) -> Matrix:
    personas = tuple(Persona(kind, kind) for kind in dict.fromkeys(kind for kind, _ in cells))
    return Matrix(lines=[Line(NOTES, "r", True, personas, cells, rows)])


def allowed(rows: int, of: int, own: int = 0, of_own: int = 0) -> Cell:
    return Cell(Verdict.ALLOWED, rows, of, own, of_own)


CLOSED = {("anon", Command.SELECT): Cell(Verdict.POLICY, of=120)}
OPEN = {("anon", Command.SELECT): allowed(120, 120)}


def test_what_is_written_is_read_again_and_agrees(tmp_path: Path) -> None:
    found = matrix({**CLOSED, ("owner", Command.SELECT): allowed(3, 120, 3, 3)})
    path = tmp_path / "rls.toml"
    path.write_text(write(found, (Accepted("always-true", "public.notes", 'said "so"'),)))
    pins = read(path)
    assert pins is not None
    assert pins.cells["public.notes", "owner", Command.SELECT] == "own"
    assert pins.accepted[0].reason == 'said "so"'
    assert compare(pins, found, strict=True) == []


def test_an_opened_table_is_a_mismatch(tmp_path: Path) -> None:
    path = tmp_path / "rls.toml"
    path.write_text(write(matrix(CLOSED)))
    pins = read(path)
    assert pins is not None
    (mismatch,) = compare(pins, matrix(OPEN), strict=False)
    assert str(mismatch) == (
        "anon select on public.notes: expected none, found all (allowed 120 of 120 rows)"
    )


def test_what_could_not_be_tried_is_neither_pinned_nor_compared(tmp_path: Path) -> None:
    path = tmp_path / "rls.toml"
    untestable = {("anon", Command.SELECT): Cell(Verdict.UNTESTABLE, note="no rows")}
    path.write_text(write(matrix(untestable, rows=0)))
    pins = read(path)
    assert pins is not None
    assert not pins.cells
    path.write_text(write(matrix(CLOSED)))
    assert compare(read(path) or pins, matrix(untestable), strict=True) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tables", "Expected"),
        ("[other]\na = 1", "other is not known here"),
        ('[tables."public.a"]\nanon = { select = "maybe" }', "'maybe'"),
        ('[tables."public.a"]\nanon = { truncate = "none" }', "'truncate' is no command"),
        ('[tables."public.a"]\nanon = 3', "is not a table"),
        ('[[accept]]\nhole = "always-true"\non = "public.a"', "accept needs hole, on and reason"),
        ('[[accept]]\nhole = "always-true"\non = "public.a"\nreason = " "', "needs a reason"),
        ('accept = "all"', "accept needs hole, on and reason"),
    ],
)
def test_a_file_that_means_nothing_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "rls.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read(path)


def test_opening_a_table_is_said_in_words() -> None:
    (change,) = between(matrix(CLOSED), matrix(OPEN))
    assert change.widened
    assert str(change) == "anon can now read notes (0 → 120 rows)"
    (closing,) = between(matrix(OPEN), matrix(CLOSED))
    assert not closing.widened
    assert str(closing) == "anon can no longer read notes (120 → 0 rows)"


def test_environments_are_compared_by_reach_not_by_number() -> None:
    small = matrix({("anon", Command.SELECT): allowed(3, 5)})
    assert between_environments(small, matrix(OPEN)) == []
    assert [change.widened for change in between_environments(matrix(OPEN), matrix(CLOSED))] == [True]
