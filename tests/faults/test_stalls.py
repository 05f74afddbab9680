"""No query of the application waits behind us for longer than our time-out, however long somebody holds the table.

The server itself is the judge, not a clock here: the application's sessions give up (55P03) after a wait that an ALTER
without a limit would make them go through for certain, and one with ours cannot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

QUERIES = ("SELECT n FROM t WHERE id = 1", "UPDATE t SET n = n + 1 WHERE id = 1")
OUR_TIMEOUT, THEIR_PATIENCE, TRIES = 0.05, 2.0, 8


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    pg.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)")
    limits = f"lock_timeout = {OUR_TIMEOUT}\nlock_timeout_max = {OUR_TIMEOUT}\ntries = {TRIES}\n"
    made = sandbox(tmp_path, pg.url, extra=f"[locks]\n{limits}pause = 0.01\npause_max = 0.02\nbudget = 60\n")
    made.write("20250101090000", "add_column", "ALTER TABLE t ADD b int;\n")
    return made


class Application:
    """Sessions that read and write the table without a break until they are stopped, or have waited too long."""

    def __init__(self, pg: Database) -> None:
        self._pg = pg
        self._ended = threading.Event()
        self.answered = 0
        self.gave_up: list[str] = []
        self._threads = [threading.Thread(target=self._work, args=(query,)) for query in QUERIES]

    def _work(self, query: str) -> None:
        with self._pg.connect(application_name="application") as connection:
            connection.execute(f"SET lock_timeout = '{THEIR_PATIENCE}s'")
            while not self._ended.wait(0.002):
                try:
                    connection.execute(query)
                    self.answered += 1
                except psycopg.errors.LockNotAvailable as error:
                    self.gave_up.append(str(error))

    def during(self, action: Callable[[], None]) -> None:
        """Work for as long as something else takes."""
        for thread in self._threads:
            thread.start()
        try:
            action()
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()


def watch_the_queue(pg: Database, ended: threading.Event, seen: list[int]) -> None:
    """Count how often somebody was seen to wait behind our backend."""
    with pg.connect() as connection:
        while not ended.wait(0.005):
            (count,) = connection.execute(
                "SELECT count(*) FROM pg_locks w JOIN pg_stat_activity a ON a.pid = ANY (pg_blocking_pids(w.pid))"
                " WHERE NOT w.granted AND a.application_name ~ '^lockgate [0-9a-f]{16}$'"
                " AND a.datname = current_database()"
            ).fetchone() or (0,)
            if count:
                seen.append(count)


def test_nobody_waits_longer_behind_us_than_our_time_out(place: Sandbox, pg: Database) -> None:
    application, ended, queued = Application(pg), threading.Event(), list[int]()
    observer = threading.Thread(target=watch_the_queue, args=(pg, ended, queued))

    def hold_and_apply() -> None:
        with pg.connect(autocommit=False, application_name="long report") as report:
            report.execute("SELECT count(*) FROM t")
            result = place.to_target("apply")
            assert result.exit_code == 4, result.output
            assert f"{TRIES} tries" in result.output
            assert "long report" in result.output

    observer.start()
    application.during(hold_and_apply)
    ended.set()
    observer.join()
    assert queued, "the application did queue behind us, so the test has seen what it is about"
    assert application.gave_up == []
    assert application.answered > 0
    assert place.to_target("apply").exit_code == 0


def test_the_judge_condemns_an_alter_without_a_limit(place: Sandbox, pg: Database) -> None:
    """The same application, the same report, and the statement as psql sends it."""
    application = Application(pg)

    def hold_and_alter() -> None:
        with pg.connect(autocommit=False) as report, pg.connect() as other:
            report.execute("SELECT count(*) FROM t")
            other.execute(f"SET statement_timeout = '{THEIR_PATIENCE + 1}s'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                other.execute("ALTER TABLE t ADD b int")

    application.during(hold_and_alter)
    assert application.gave_up
