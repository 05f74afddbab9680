"""What a run tells of steps that take long."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.engine import watch
from lockgate.engine.reporting import Progress
from lockgate.engine.watch import Watched


@pytest.fixture
def place(tmp_path: Path, pg: Database, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setattr(watch, "LONG", 0.1)
    return sandbox(tmp_path, pg.url)


def events(place: Sandbox, name: str) -> list[dict[str, Any]]:
    result = place.to_target("apply", "--json")
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    return [event for event in told if event["event"] == name]


def test_a_long_statement_is_told_while_it_runs(place: Sandbox) -> None:
    place.write("20250101090000", "take_long", "SELECT pg_sleep(0.6);\n")
    first, *_ = events(place, "progress")
    assert first["seconds"] > 0
    assert first["remaining_seconds"] is None


def commit_when_waited_for(pg: Database, reader: psycopg.Connection[Any]) -> None:
    with pg.connect() as connection:
        while not connection.execute(
            "SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting for writers%'"
            " AND datname = current_database()"
        ).fetchone():
            time.sleep(0.02)
    time.sleep(0.6)
    reader.commit()


def test_the_phase_of_an_index_is_told_though_it_waits_for_a_reader(place: Sandbox, pg: Database) -> None:
    pg.execute("CREATE TABLE t (a int)")
    place.write("20250101090000", "add_index", "CREATE INDEX CONCURRENTLY t_a ON t (a);\n")
    with pg.connect(autocommit=False) as reader:
        reader.execute("INSERT INTO t VALUES (1)")
        release = threading.Thread(target=commit_when_waited_for, args=(pg, reader))
        release.start()
        told = events(place, "progress")
        release.join()
    assert any("waiting for writers" in str(event["phase"]) for event in told)


def test_what_is_left_is_estimated_from_the_speed_in_the_phase() -> None:
    seen = Watched(None, 1, 1, 0.0, 100.0)  # type: ignore[arg-type]
    assert seen.progress(102.0, "building", 100.0, 1000.0).remaining is None
    later = seen.progress(104.0, "building", 300.0, 1000.0)
    assert later.remaining == pytest.approx(7.0)
    assert later.share == pytest.approx(0.3)
    assert seen.progress(105.0, "sorting", 1.0, 10.0).remaining is None
    assert Progress(1.0).share is None
