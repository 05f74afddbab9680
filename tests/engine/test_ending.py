"""Sessions in the way are ended only by name, never by default, never those that must not be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.engine import ending
from lockgate.engine.ending import Rule
from lockgate.engine.reporting import Blocker
from lockgate.errors import UsageError


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    pg.execute("CREATE TABLE t (a int)")
    made = sandbox(tmp_path, pg.url, extra="[locks]\nlock_timeout = 0.2\nbudget = 3\npause = 0.05\n")
    made.write("20250101090000", "add_column", "ALTER TABLE t ADD b int;\n")
    return made


@contextmanager
def reader(pg: Database, application: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    connection = pg.connect(autocommit=False, application_name=application)
    connection.execute("SELECT * FROM t WHERE a = 4711")
    try:
        yield connection
    finally:
        connection.close()


def alive(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def test_a_named_blocker_is_ended_and_the_journal_says_who_and_why(place: Sandbox, pg: Database) -> None:
    with reader(pg, "report-7") as report, reader(pg, "web") as web:
        release = threading.Timer(1.0, web.close)
        release.start()
        done = place.json("apply", "--terminate-blockers", "report-*")
        release.join()
        assert done["_exit"] == 0, done
        assert not alive(report)
    (ended,) = done["ended_sessions"]
    assert ended["application"] == "report-7"
    assert "application_name=report-*" in ended["reason"]
    assert "4711" not in ended["query"]
    with pg.connect() as connection:
        rows = connection.execute("SELECT version, application, role FROM lockgate.ended_session").fetchall()
    assert rows == [("20250101090000", "report-7", "postgres")]
    assert "report-7" in place.to_target("history", "20250101090000").output


def test_without_the_option_nobody_is_ended(place: Sandbox, pg: Database) -> None:
    with reader(pg, "report-7") as report:
        assert place.to_target("apply").exit_code == 4
        assert alive(report)


@pytest.mark.parametrize("application", ["pg_dump", "lockgate 0123456789abcdef", "nightly backup"])
def test_backups_and_other_runners_are_never_ended(application: str, place: Sandbox, pg: Database) -> None:
    with reader(pg, application) as spared:
        pid = spared.info.backend_pid
        blocker = Blocker(pid, "postgres", application, "idle in transaction", 100.0, "")
        rules = (Rule("application_name", application), Rule("role", "postgres"))
        with pg.connect() as connection:
            assert ending.chosen(connection, rules, [blocker]) == ()
        assert alive(spared)


def test_a_vacuum_and_a_prepared_transaction_are_never_ended(place: Sandbox, pg: Database) -> None:
    vacuum = Blocker(
        -1, "", "autovacuum worker", "active", 9.0, "autovacuum: VACUUM t (to prevent wraparound)"
    )
    with pg.connect() as connection:
        workers = connection.execute(
            "SELECT pid, backend_type FROM pg_stat_activity WHERE backend_type <> 'client backend'"
        ).fetchall()
        servers_own = [Blocker(pid, "", kind, "active", 9.0, "") for pid, kind in workers]
        rules = (Rule("application_name", "a*"), Rule("application_name", "[!a]*"))
        assert servers_own
        assert ending.chosen(connection, rules, [vacuum, *servers_own]) == ()
    prepared = Blocker(0, "postgres", "", "prepared", 9.0, "", None, "gid-1")
    assert not Rule("role", "postgres").fits(prepared)


def test_a_session_that_has_become_another_one_is_left_alone(place: Sandbox, pg: Database) -> None:
    with reader(pg, "report-7") as report, pg.connect() as connection:
        seen = Blocker(report.info.backend_pid, "postgres", "somebody else", "active", 1.0, "")
        assert not ending.end(connection, seen)
        assert alive(report)


@pytest.mark.parametrize("text", ["*", "role=*", "application_name=", "pid=3", "?*"])
def test_a_rule_that_names_nobody_in_particular_is_refused(text: str, place: Sandbox) -> None:
    with pytest.raises(UsageError):
        Rule.parse(text)
    refused = place.to_target("apply", "--terminate-blockers", text)
    assert refused.exit_code == 2, refused.output
