"""What a person corrects (baseline, repair, a gate, the undo of a half) survives a crash like everything else."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from tests.faults_kit import Child, apply_of, fork_runner, image, terminate
from tests.projects import Sandbox, sandbox
from tests.sampling import NIGHTLY, SEED, some_of
from tests.servers import Database

from lockgate.engine.boundaries import BOUNDARIES
from lockgate.journal import format as journal_format

FIRST, SECOND, STEP = "20250101090000", "20250102090000", "s002"
SAMPLE = 3
EVERYTHING = NIGHTLY or os.environ.get("LOCKGATE_FAULTS") == "all"


def nothing(place: Sandbox) -> None:
    """A database without any history."""


def applied(place: Sandbox) -> None:
    assert place.to_target("apply").exit_code == 0


def edited(place: Sandbox) -> None:
    applied(place)
    place.write(FIRST, "create_a", "CREATE TABLE a (id int, edited int);\n", "DROP TABLE a;\n")


def half_done(place: Sandbox) -> None:
    """One of two groups is committed, the other fails."""
    place.write(
        SECOND, "halve_it", "BEGIN;\nCREATE TABLE b (id int);\nCOMMIT;\nSELECT 1/0;\n", "DROP TABLE b;\n"
    )
    assert place.to_target("apply").exit_code == 1


def gated(place: Sandbox) -> None:
    place.write(SECOND, "drop_a", '-- lockgate: gate "nobody reads a"\nDROP TABLE a;\n')
    assert place.to_target("apply").exit_code == 8


@dataclass(frozen=True)
class Effect:
    """A command that changes the journal, and what must be there before it."""

    name: str
    prepare: Callable[[Sandbox], None]
    words: tuple[str, ...]


EFFECTS = (
    Effect("baseline", nothing, ("baseline", "--yes")),
    Effect("repair applied", nothing, ("repair", FIRST, "--applied")),
    Effect("repair reverted", applied, ("repair", FIRST, "--reverted")),
    Effect("repair checksum", edited, ("repair", FIRST, "--checksum")),
    Effect("repair step", half_done, ("repair", SECOND, "--step", STEP, "--done")),
    Effect("gate open", gated, ("gate", "open", SECOND)),
    Effect("recover undo", half_done, ("recover", "--undo", "--yes")),
)


def make(folder: Path, url: str) -> Sandbox:
    folder.mkdir()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS log (n int)")
    place = sandbox(folder, url, extra="[locks]\npause = 0.05\n")
    place.write(FIRST, "create_a", "CREATE TABLE a (id int);\n", "DROP TABLE a;\n")
    return place


def picture(place: Sandbox) -> dict[str, Any]:
    """What the history says and which tables there are."""
    status = place.json("status")
    with psycopg.connect(place.url, autocommit=True) as connection:
        steps = connection.execute(
            "SELECT step, status, count(*) FROM lockgate.step GROUP BY 1, 2"
        ).fetchall()
        gates = connection.execute("SELECT version, opened_at IS NOT NULL FROM lockgate.gate").fetchall()
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"
        ).fetchall()
    return {
        "migrations": [(m["version"], m["status"], m["problem"]) for m in status["migrations"]],
        "half": {(step, state) for step, state, _ in steps if state != "superseded"},
        "gates": gates,
        "tables": sorted(tables),
    }


def effects() -> list[Effect]:
    """All of them, or a sample that changes with the day."""
    if EVERYTHING:
        return list(EFFECTS)
    return sorted(random.Random(SEED).sample(EFFECTS, SAMPLE), key=lambda effect: effect.name)


@pytest.mark.parametrize("effect", effects(), ids=lambda effect: effect.name)
def test_a_correction_that_was_struck_is_there_or_not_and_can_be_made_again(
    effect: Effect, pg: Database, tmp_path: Path
) -> None:
    place = make(tmp_path / "struck", pg.url)
    effect.prepare(place)
    with psycopg.connect(pg.url, autocommit=True) as connection:
        journal_format.ensure(connection)
    before = picture(place)
    struck_by(place, effect, "run begun", lambda child: terminate(pg.url))
    struck_by(place, effect, "before commit", lambda child: child.kill())
    assert picture(place) == before
    again = place.to_target(*effect.words)
    assert again.exit_code == 0, again.output
    after = picture(place)
    assert after != before

    struck_by(place, effect, "after commit", lambda child: child.kill())
    assert picture(place) == after


@pytest.mark.parametrize("boundary", BOUNDARIES if EVERYTHING else some_of(BOUNDARIES, 4))
def test_a_corrected_file_that_was_struck_while_it_was_taken_up_ends_as_if_it_was_not(
    boundary: str, pg: Database, tmp_path: Path
) -> None:
    """What is done stays, what the old file has left half done goes, and the new file is carried through once."""
    place = make(tmp_path / "struck", pg.url)
    applied(place)
    pg.execute("INSERT INTO a VALUES (1), (1)")
    index_it = (
        "-- lockgate: no-transaction\nCREATE TABLE b (id int);\nCREATE {} INDEX CONCURRENTLY {} ON a (id);\n"
    )
    place.write(SECOND, "index_it", index_it.format("UNIQUE", "a_unique"), "SELECT 1;\n")
    assert place.to_target("apply").exit_code == 1
    with psycopg.connect(pg.url, autocommit=True) as connection, pytest.raises(UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_unique ON a (id)")
    place.write(SECOND, "index_it", index_it.format("", "a_plain"), "SELECT 1;\n")

    struck_by(place, Effect("apply", nothing, ("apply",)), boundary, lambda child: child.kill())
    again = place.to_target("apply")
    assert again.exit_code == 0, again.output
    assert place.json("status")["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}
    with psycopg.connect(pg.url, autocommit=True) as connection:
        indexes = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'i' AND relname ~ '^a_'")
        assert indexes.fetchall() == [("a_plain",)]
    assert image(pg.url)["invalid"] == []


def struck_by(place: Sandbox, effect: Effect, boundary: str, strike: Callable[[Child], None]) -> None:
    """Run the command and do it harm at a boundary, where it comes that far."""
    child = fork_runner(apply_of(place, *effect.words), boundary, 1)
    if child.wait_until_reached():
        strike(child)
    child.go_on()
    child.join()
