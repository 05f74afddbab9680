"""Runners against each other, against Ctrl-C, against their own ghosts, and against a server that restarts."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults_kit import apply_of, fork_runner, image
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    return sandbox(tmp_path, pg.url, extra="[locks]\npause = 0.05\nbudget = 10\n")


def wait_for(url: str, query: str, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute(query).fetchone():
            assert time.monotonic() < deadline, f"never seen: {query}"
            time.sleep(0.02)


SLEEPING = (
    "SELECT 1 FROM pg_stat_activity"
    " WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"
    " AND datname = current_database()"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cancels_its_statement_and_leaves_nothing_open(
    number: signal.Signals, place: Sandbox, pg: Database
) -> None:
    place.write("20250101090000", "take_long", "CREATE TABLE a (id int);\nSELECT pg_sleep(30);\n")
    child = fork_runner(apply_of(place), "never", 1)
    wait_for(pg.url, SLEEPING)
    os.kill(child.pid, number)
    assert child.join(15) == 130
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('a')").fetchone() == (None,)
        assert connection.execute(SLEEPING).fetchone() is None
        status = connection.execute(
            "SELECT status FROM lockgate.run ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    assert status == ("interrupted",)


def test_a_ghost_of_a_killed_runner_is_waited_for(place: Sandbox, pg: Database) -> None:
    """The server notices the death of its client soon; the statement that was running must not run twice."""
    place.write("20250101090000", "count_up", "CREATE TABLE a AS SELECT 1 AS n;\nSELECT pg_sleep(1.5);\n")
    child = fork_runner(apply_of(place), "statement begins", 2, delay=0.1)
    assert child.wait_until_reached()
    child.kill()
    assert child.join() == -signal.SIGKILL
    began = time.monotonic()
    again = place.to_target("apply")
    assert again.exit_code == 0, again.output
    assert time.monotonic() - began < 20
    with pg.connect() as connection:
        assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_a_runner_that_slept_through_a_takeover_stops_itself(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "add_one", "CREATE TABLE a (id int);\n")
    place.write("20250102090000", "add_two", "INSERT INTO a VALUES (1);\n")
    child = fork_runner(apply_of(place), "after commit", 1)
    assert child.wait_until_reached()
    os.kill(child.pid, signal.SIGSTOP)
    with pg.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lockgate % lease'"
            " AND datname = current_database()"
        )
    taken_over = place.to_target("apply")
    assert taken_over.exit_code == 0, taken_over.output
    os.kill(child.pid, signal.SIGCONT)
    child.go_on()
    assert child.join() == 8
    with pg.connect() as connection:
        assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_of_two_runners_one_works_and_one_is_told_who(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\n")
    child = fork_runner(apply_of(place), "statement begins", 1)
    assert child.wait_until_reached()
    second = place.to_target("apply")
    assert second.exit_code == 8, second.output
    assert f"process {child.pid}" in second.output
    child.go_on()
    assert child.join() == 0


@pytest.fixture
def own_server() -> Iterator[LocalServer]:
    with ephemeral.server(17, POSTGRES, {"log_min_messages": "fatal"}) as server:
        yield server


@pytest.mark.parametrize(
    ("boundary", "nth"),
    [("statement begins", 2), ("before commit", 1), ("after commit", 1), ("after intent", 2)],
)
def test_a_server_that_restarts_at_once_costs_nothing(
    boundary: str, nth: int, own_server: LocalServer, tmp_path: Path
) -> None:
    place = sandbox(tmp_path, own_server.url, extra="[locks]\npause = 0.05\n")
    text = "BEGIN;\nCREATE TABLE a (n int);\nINSERT INTO a VALUES (1);\nCOMMIT;\nINSERT INTO a VALUES (2);\n"
    place.write("20250101090000", "add_rows", text)
    place.write("20250102090000", "add_index", "CREATE INDEX CONCURRENTLY a_n ON a (n);\n")
    child = fork_runner(apply_of(place), boundary, nth)
    assert child.wait_until_reached()
    own_server.cluster.stop(immediately=True)
    restart = threading.Timer(0.3, _restart, [own_server])
    restart.start()
    child.go_on()
    code = child.join()
    restart.join()
    assert code == 0, (tmp_path / "child.log").read_text()
    assert place.json("status")["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}
    with psycopg.connect(own_server.url, autocommit=True) as connection:
        assert connection.execute("SELECT array_agg(n ORDER BY n) FROM a").fetchone() == ([1, 2],)
    assert image(own_server.url)["invalid"] == []


def _restart(server: LocalServer) -> None:
    server.cluster.start({"fsync": "off", "max_connections": "50"}, server.process.port)


def test_a_standby_that_is_away_is_missed_and_one_that_answers_is_never_changed(
    own_server: LocalServer, tmp_path: Path
) -> None:
    place = sandbox(tmp_path, own_server.url)
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\n")
    assert place.to_target("apply").exit_code == 0
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);\n")
    with psycopg.connect(own_server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        connection.execute("SELECT pg_reload_conf()")
        wait_for(own_server.url, "SELECT 1 WHERE current_setting('synchronous_standby_names') <> ''")
        refused = place.to_target("apply")
        assert refused.exit_code == 1
        assert "Every commit would wait without end" in refused.output
        assert place.json("status")["summary"]["pending"] == 1
        connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
    cluster = own_server.cluster
    cluster.stop()
    (cluster.data_dir / "standby.signal").touch()
    cluster.account.own(cluster.data_dir / "standby.signal")
    cluster.start({"hot_standby": "on"}, own_server.process.port)
    refused = place.to_target("apply")
    assert refused.exit_code == 1
    assert "standby" in refused.output
    assert place.json("status")["summary"]["pending"] == 1
