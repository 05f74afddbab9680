"""What a server can run out of or refuse, each by the real condition: classified, and retried, awaited or stopped."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults_kit import apply_of, fork_runner
from tests.projects import Sandbox, sandbox

from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer
from lockgate.sql.identifiers import quote

SETTINGS = {
    "fsync": "off",
    "max_connections": "14",
    "max_locks_per_transaction": "10",
    "deadlock_timeout": "100ms",
    "temp_file_limit": "64kB",
    "log_min_messages": "fatal",
    "max_wal_senders": "0",
}
TABLES = "CREATE TABLE a (n int); INSERT INTO a VALUES (1); CREATE TABLE b (n int); INSERT INTO b VALUES (1)"


@pytest.fixture(scope="module")
def narrow() -> Iterator[LocalServer]:
    """A server with little of everything."""
    with ephemeral.server(17, POSTGRES, SETTINGS) as server:
        yield server


@pytest.fixture
def url(narrow: LocalServer, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"db_{abs(hash(request.node.name)) % 10**9}"
    with narrow.connect_admin() as admin:
        admin.execute(f"CREATE DATABASE {quote(name)} OWNER {narrow.flavour.owner}".encode())
    address = narrow.url_for(name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(TABLES)
    yield address
    with narrow.connect_admin() as admin:
        admin.execute(f"DROP DATABASE {quote(name)} WITH (FORCE)".encode())


@pytest.fixture
def place(tmp_path: Path, url: str) -> Sandbox:
    return sandbox(tmp_path, url, extra="[locks]\npause = 0.05\nbudget = 20\n")


def stopped(place: Sandbox, sql: str, *texts: str) -> None:
    """The run stops with these words, and nothing of the migration is in the database."""
    place.write("20250101090000", "fail_at_it", f"CREATE TABLE trace (n int);\n{sql}\n")
    result = place.to_target("apply")
    assert result.exit_code == 1, result.output
    for text in (*texts, "rolled back", "next"):
        assert text in result.output
    with psycopg.connect(place.url, autocommit=True) as connection:
        assert connection.execute("SELECT to_regclass('trace')").fetchone() == (None,)
        row = connection.execute("SELECT status FROM lockgate.run ORDER BY started_at DESC").fetchone()
        assert row == ("failed",)
    assert place.json("recover")["unfinished"][0]["steps"]


def test_a_full_disk_stops_the_run(place: Sandbox) -> None:
    stopped(
        place,
        "COPY (SELECT repeat('x', 9000) FROM generate_series(1, 100)) TO '/dev/full';",
        "No space left on device (SQLSTATE 53100)",
        "the server's disk is full",
        "free space",
    )


def test_no_room_for_locks_stops_the_run(place: Sandbox) -> None:
    stopped(
        place,
        "SELECT count(*) FROM (SELECT pg_advisory_xact_lock(generate_series(1, 200000)) OFFSET 0) taken;",
        "SQLSTATE 53200",
        "max_locks_per_transaction",
    )


def test_a_configured_limit_stops_the_run(place: Sandbox) -> None:
    stopped(
        place,
        "SET work_mem = '64kB';\nCREATE TABLE sorted AS SELECT n FROM generate_series(1, 200000) n ORDER BY n DESC;",
        "temp_file_limit (64kB) (SQLSTATE 53400)",
        "a limit that is configured",
    )


def test_a_time_out_of_the_file_itself_is_not_taken_for_a_cancellation(place: Sandbox) -> None:
    stopped(place, "SET LOCAL statement_timeout = '50ms';\nSELECT pg_sleep(5);", "longer than its time-out")


def test_a_cancelled_statement_is_not_taken_for_a_time_out(place: Sandbox, url: str) -> None:
    with when_active(url, "pg_sleep(7)", "SELECT pg_cancel_backend(pid) FROM found"):
        stopped(place, "SELECT pg_sleep(7);", "the statement was cancelled", "who cancelled")


@contextlib.contextmanager
def when_active(url: str, part: str, action: str) -> Iterator[None]:
    """Do something about the backend that executes a statement, as soon as it does (``found`` has its pid)."""

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not connection.execute(
                "WITH found AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE state = 'active'"
                " AND application_name ~ '^lockgate [0-9a-f]{16}$' AND datname = current_database()"
                f" AND position('{part}' IN query) > 0) {action}".encode()
            ).fetchall():
                if ended.wait(0.02):
                    return

    ended = threading.Event()
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_server_without_free_connections_is_named(place: Sandbox, url: str, narrow: LocalServer) -> None:
    place.write("20250101090000", "add_c", "CREATE TABLE c (n int);\n")
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            with contextlib.suppress(psycopg.OperationalError):
                stack.enter_context(psycopg.connect(url))
        refused = place.to_target("apply")
    assert refused.exit_code == 1
    assert "The server has no free connection." in refused.output
    assert place.to_target("apply").exit_code == 0


def test_a_role_at_its_limit_is_named_and_nothing_is_begun(
    place: Sandbox, url: str, narrow: LocalServer
) -> None:
    place.write("20250101090000", "add_c", "CREATE TABLE c (n int);\n")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'p' CONNECTION LIMIT 1"
        )
        connection.execute("GRANT CREATE ON SCHEMA public TO narrow")
        name = connection.info.dbname
        connection.execute(f"GRANT CREATE ON DATABASE {quote(name)} TO narrow".encode())
    address = f"postgresql://narrow:p@127.0.0.1:{narrow.process.port}/{name}"
    refused = Sandbox(place.folder, address).to_target("apply")
    assert refused.exit_code == 1
    assert "This role has no free connection" in refused.output
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT to_regclass('c')").fetchone() == (None,)
        connection.execute("DROP OWNED BY narrow CASCADE; DROP ROLE narrow")


def attempts(url: str) -> list[int]:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT attempts FROM lockgate.step WHERE status = 'done' ORDER BY id")
        return [count for (count,) in rows]


def test_a_deadlock_is_tried_again(place: Sandbox, url: str) -> None:
    """We are the victim: the other session looks for deadlocks only after ten seconds."""
    place.write(
        "20250101090000",
        "update_both",
        "UPDATE a SET n = n + 1;\nSELECT pg_sleep(0.7);\nUPDATE b SET n = n + 1;\n",
    )
    other = psycopg.connect(url)
    other.execute("SET deadlock_timeout = '10s'")
    other.execute("UPDATE b SET n = n + 10")

    def cross() -> None:
        other.execute("UPDATE a SET n = n + 10")
        other.commit()

    with other, when_active(url, "pg_sleep(0.7)", "SELECT 1 FROM found"):
        child = fork_runner(apply_of(place), "statement ended", 2, delay=0.2)
        assert child.wait_until_reached()
        thread = threading.Thread(target=cross)
        thread.start()
        child.go_on()
        assert child.join() == 0, (place.folder / "child.log").read_text()
        thread.join()
    assert attempts(url)[-1] == 2
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT a.n, b.n FROM a, b").fetchone() == (12, 12)


def test_a_concurrent_change_is_tried_again(place: Sandbox, url: str) -> None:
    place.write(
        "20250101090000",
        "update_it",
        "BEGIN;\nSET default_transaction_isolation = 'repeatable read';\nCOMMIT;\n"
        "BEGIN;\nSELECT pg_sleep(0.6);\nUPDATE a SET n = n + 1;\nCOMMIT;\n",
    )
    with when_active(
        url, "pg_sleep(0.6)", "UPDATE a SET n = n + 10 WHERE EXISTS (SELECT FROM found) RETURNING n"
    ):
        result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    assert attempts(url)[-1] == 2
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM a").fetchone() == (12,)


def test_a_shutdown_by_an_administrator_is_awaited(place: Sandbox, url: str, narrow: LocalServer) -> None:
    place.write("20250101090000", "add_c", "CREATE TABLE c (n int);\nINSERT INTO c VALUES (1);\n")
    child = fork_runner(apply_of(place), "statement begins", 2)
    assert child.wait_until_reached()
    narrow.cluster.stop()
    child.go_on()
    restart = threading.Timer(0.3, lambda: narrow.cluster.start(SETTINGS, narrow.process.port))
    restart.start()
    assert child.join() == 0, (place.folder / "child.log").read_text()
    restart.join()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM c").fetchone() == (1,)


@contextlib.contextmanager
def crowd(url: str) -> Iterator[threading.Event]:
    """Other sessions take every connection that is or becomes free; the event says that none is."""
    ended, full = threading.Event(), threading.Event()

    def fill() -> None:
        with contextlib.ExitStack() as stack:
            while not ended.wait(0.02):
                try:
                    stack.enter_context(psycopg.connect(url))
                except psycopg.OperationalError:
                    full.set()

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield full
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(("budget", "code"), [(30, 0), (0.5, 1)])
def test_a_connection_that_is_not_to_be_had_again_is_awaited(
    budget: float, code: int, place: Sandbox, url: str
) -> None:
    settings = place.folder / "lockgate.toml"
    settings.write_text(settings.read_text() + f"reconnect_budget = {budget}\npause_max = 0.3\n")
    place.write("20250101090000", "add_c", "CREATE TABLE c (n int);\nINSERT INTO c VALUES (1);\n")
    child = fork_runner(apply_of(place), "before done", 1)
    assert child.wait_until_reached()
    with psycopg.connect(url, autocommit=True) as admin, crowd(url) as full:
        found = admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^lockgate [0-9a-f]{16}$'"
        ).fetchall()
        for (pid,) in found:
            admin.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
        while admin.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() != (0,):
            pass
        full.clear()
        assert full.wait(20)
        child.go_on()
        time.sleep(1.0)
        if code:
            assert child.join() == code
    assert code or child.join() == 0
    said = (place.folder / "child.log").read_text()
    assert "no free connection" in said
    if code:
        assert "what is recorded as done stays done" in said
        assert place.to_target("apply").exit_code == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM c").fetchone() == (1,)


def test_a_statement_that_ends_its_connection_is_not_tried_for_ever(place: Sandbox, url: str) -> None:
    place.write("20250101090000", "end_itself", "SELECT pg_terminate_backend(pg_backend_pid());\n")
    result = place.to_target("apply")
    assert result.exit_code == 1, result.output
    assert "The connection was lost 3 times at the same step" in result.output
    assert "look into the server's log" in result.output
    with psycopg.connect(url, autocommit=True) as connection:
        tries = connection.execute("SELECT attempts, status FROM lockgate.step").fetchall()
    assert tries == [(3, "failed")]
