"""Statistics of real servers: the numbers are the server's own, nobody is disturbed, nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.servers import Database

from lockgate.catalog.statistics.model import FORMAT_VERSION, Statistics, TableStatistics
from lockgate.catalog.statistics.read import rate, read
from lockgate.errors import ConfigError, UsageError
from lockgate.workflow.statistics_file import read_file, to_text

pytestmark = pytest.mark.server

MAJORS = pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
SETUP = """
    CREATE TABLE orders (id int PRIMARY KEY, note text, wide text);
    ALTER TABLE orders ALTER COLUMN wide SET STORAGE EXTERNAL;
    INSERT INTO orders SELECT g, 'note ' || g, repeat('x', 3000) FROM generate_series(1, 2000) g;
    CREATE INDEX orders_note ON orders (note);
    CREATE TABLE events (at date) PARTITION BY RANGE (at);
    CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders;
    ANALYZE
"""


def look(database: Database, seconds: float = 0, measure: bool = False) -> Statistics:
    with database.connect() as connection:
        return read(connection, "here", seconds=seconds, measure=measure)[0]


def table(statistics: Statistics, name: str) -> TableStatistics:
    found = statistics.table(name)
    assert found is not None, name
    return found


def one(database: Database, query: str) -> object:
    with database.connect_admin() as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@contextlib.contextmanager
def transaction(database: Database, *statements: str, name: str = "") -> Iterator[psycopg.Connection[object]]:
    """Another session with a transaction that stays open."""
    with database.connect(autocommit=False, application_name=name) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        yield connection
        connection.rollback()


@MAJORS
def test_sizes_are_what_the_server_says(pg: Database) -> None:
    pg.execute(SETUP)
    orders = table(look(pg), "public.orders")
    assert orders.bytes == one(pg, "SELECT pg_relation_size('orders')")
    assert orders.toast_bytes == one(
        pg, "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'orders'::regclass"
    )
    assert orders.toast_bytes > 0
    assert orders.rows == 2000
    assert {(index.name, index.bytes) for index in orders.indexes} == {
        (f"public.{name}", one(pg, f"SELECT pg_relation_size('{name}')"))
        for name in ("orders_pkey", "orders_note")
    }


@MAJORS
def test_server_and_settings_are_the_real_ones(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute("SET lock_timeout = '77ms'")
        server = read(connection, "here", seconds=0, measure=False)[0].server
    assert server.major == pg.major
    assert server.number("max_connections") == 200
    assert server.number("shared_buffers") == 32 * 1024 * 1024
    assert server.number("lock_timeout") == 0, "what the session set for itself does not count"


def test_partitions_and_materialized_views_are_there(pg: Database) -> None:
    pg.execute(SETUP)
    found = look(pg)
    assert table(found, "public.events").bytes == 0
    assert table(found, "public.events_2026").rows == 0
    assert table(found, "public.totals").bytes == one(pg, "SELECT pg_relation_size('totals')")


def test_rows_grow_with_the_table_between_two_analyzes(pg: Database) -> None:
    pg.execute(SETUP)
    pg.execute("INSERT INTO orders (id, note) SELECT g, 'note ' || g FROM generate_series(2001, 60000) g")
    rows = table(look(pg), "public.orders").rows
    assert rows is not None
    assert rows > 10_000


@pytest.mark.parametrize("pg", [15, 18], indirect=True)
def test_a_locked_table_is_not_waited_for(pg: Database) -> None:
    pg.execute(SETUP)
    with transaction(pg, "LOCK TABLE orders"), pg.connect() as connection:
        connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        found = read(connection, "here", seconds=0, measure=False)[0]
    orders = table(found, "public.orders")
    pages = one(pg, "SELECT relpages FROM pg_class WHERE oid = 'orders'::regclass")
    assert orders.bytes == int(str(pages)) * 8192, "the planner's estimate stands in"


@MAJORS
def test_open_transactions_are_named_with_their_locks(pg: Database) -> None:
    pg.execute(SETUP)
    with transaction(pg, "SELECT FROM orders", "DELETE FROM events", name="reporting") as other:
        (found,) = look(pg).holders
        pid = other.info.backend_pid
    assert (found.kind, found.pid, found.application) == ("session", pid, "reporting")
    assert found.state == "idle in transaction"
    assert ("public.orders", "AccessShareLock") in found.locks
    assert ("public.events_2026", "RowExclusiveLock") in found.locks


def test_notes_of_serializable_transactions_are_no_locks(pg: Database) -> None:
    pg.execute(SETUP)
    with transaction(pg, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT * FROM orders"):
        assert one(pg, "SELECT count(*) > 0 FROM pg_locks WHERE mode = 'SIReadLock'")
        (found,) = look(pg).holders
    assert {mode for _, mode in found.locks} == {"AccessShareLock"}


@MAJORS
def test_prepared_transactions_are_named_with_their_locks(pg: Database) -> None:
    pg.execute(SETUP)
    pg.execute("BEGIN; LOCK TABLE orders IN SHARE MODE; PREPARE TRANSACTION 'payment'")
    try:
        (found,) = look(pg).holders
    finally:
        pg.execute("ROLLBACK PREPARED 'payment'")
    assert (found.kind, found.prepared_as, found.state) == ("prepared transaction", "payment", "prepared")
    assert ("public.orders", "ShareLock") in found.locks


def test_what_happens_while_we_look_is_counted(pg: Database) -> None:
    pg.execute(SETUP)
    stop = threading.Event()

    def write() -> None:
        with pg.connect() as connection:
            while not stop.is_set():
                connection.execute("INSERT INTO orders (id) SELECT max(id) + 1 FROM orders")
                connection.execute("SELECT pg_stat_force_next_flush()")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = look(pg, seconds=0.5)
    finally:
        stop.set()
        writer.join()
    orders = table(found, "public.orders")
    assert found.sampled_seconds > 0
    assert orders.row_writes.recent
    assert orders.scans.recent


def test_averages_count_since_the_reset(pg: Database) -> None:
    pg.execute(SETUP)
    assert look(pg).server.counted_seconds is None, "never reset, so nobody knows since when"
    one(pg, "SELECT pg_stat_reset()")
    assert look(pg).server.counted_seconds is not None


@pytest.mark.parametrize(
    ("values", "average", "recent"),
    [
        ((100, 150, 2.0, 50.0), 3.0, 25.0),
        ((100, 150, 2.0, None), None, 25.0),
        ((100, 20, 2.0, 10.0), 2.0, None),
        ((None, 20, 2.0, 10.0), 2.0, None),
        ((100, 150, 0.0, 50.0), 3.0, None),
        ((None, None, 2.0, 10.0), None, None),
    ],
)
def test_rates(
    values: tuple[int | None, int | None, float, float | None], average: float | None, recent: float | None
) -> None:
    found = rate(*values)
    assert (found.average, found.recent) == (average, recent)


@MAJORS
def test_calibration_measures_and_leaves_nothing(pg: Database) -> None:
    pg.execute(SETUP)
    before = one(pg, "SELECT count(*) FROM pg_class")
    found = look(pg, measure=True).calibration
    assert found is not None
    assert found.rows >= 4000
    assert found.bytes > found.rows * 50
    speeds = (found.scan_bytes, found.scan_rows, found.rewrite_bytes, found.rewrite_rows, found.index_rows)
    assert all(speed > 0 for speed in speeds)
    assert found.scan_bytes / found.scan_rows == pytest.approx(found.bytes / found.rows, rel=0.01)
    assert one(pg, "SELECT count(*) FROM pg_class") == before


def test_calibration_locks_nothing_of_the_users(pg: Database) -> None:
    """While every table is locked, the measurement still goes through."""
    pg.execute(SETUP)
    with transaction(pg, "LOCK TABLE orders, events"):
        assert look(pg, measure=True).calibration is not None


def test_a_role_that_may_make_no_temporary_table_is_told_and_goes_on(pg: Database) -> None:
    pg.execute(SETUP)
    role = f"meek_{pg.name}"
    with pg.connect_admin() as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN; REVOKE ALL ON DATABASE {pg.name} FROM PUBLIC".encode())
        admin.execute(f"GRANT CONNECT ON DATABASE {pg.name} TO {role}".encode())
    try:
        with psycopg.connect(pg.url_as(role), autocommit=True) as connection:
            found = read(connection, "here", seconds=0)[0]
    finally:
        with pg.connect_admin() as admin:
            admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())
    assert found.calibration is None
    assert any(remark.startswith("not calibrated: permission denied") for remark in found.remarks)
    assert any("pg_read_all_stats" in remark for remark in found.remarks)
    assert table(found, "public.orders").rows == 2000


def test_a_server_that_does_not_count_statements_is_told(pg: Database) -> None:
    found = look(pg)
    assert not found.counts_queries
    assert any("pg_stat_statements" in remark for remark in found.remarks)


def test_the_file_is_read_back_as_it_was(pg: Database, tmp_path: Path) -> None:
    pg.execute(SETUP)
    with transaction(pg, "LOCK TABLE events IN SHARE MODE"):
        found = look(pg, measure=True)
    assert found.holders
    assert found.calibration is not None
    path = tmp_path / "stats.json"
    path.write_text(to_text(found), "utf-8")
    assert read_file(path) == found


def test_a_file_of_a_later_lockgate_with_more_fields_is_read(tmp_path: Path, pg: Database) -> None:
    document = json.loads(to_text(look(pg)))
    path = tmp_path / "stats.json"
    path.write_text(json.dumps({**document, "weather": "fine"}))
    assert read_file(path).target == "here"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a statistics file"),
        ("[]", "not a statistics file"),
        ('{"format": "lockgate-statistics", "format_version": 99}', "format version 99"),
        (f'{{"format": "lockgate-statistics", "format_version": {FORMAT_VERSION}}}', "target is missing"),
    ],
)
def test_what_is_no_statistics_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "stats.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_file(path)


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("target", 5, "target must be a text"),
        ("server", [], "server must be an object"),
        ("tables", [{"name": "a.b", "bytes": "many"}], r"tables\[0\].bytes must be a number"),
        (
            "tables",
            [{"name": "a.b", "bytes": -1}],
            r"tables\[0\].bytes must be a number that is not negative",
        ),
        ("sampled_seconds", float("inf"), "sampled_seconds must be a number"),
        ("sampled_seconds", float("nan"), "sampled_seconds must be a number"),
        ("tables", [{"name": "a.b"}], r"tables\[0\].bytes is missing"),
        ("counts_queries", 1, "counts_queries must be true or false"),
        ("holders", [{"kind": "ghost"}], r"holders\[0\].kind must be one of 'session'"),
        ("holders", [{"kind": "session", "locks": [["a.b", "Lock"]]}], "must be one of 'AccessShareLock'"),
        ("queries", [{"id": "1", "calls": {}, "locks": [["a"]]}], r"locks\[0\] must be a list of 2"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, field: str, wrong: object, said: str) -> None:
    server = {"version_num": 170000, "database": "app", "settings": {"max_connections": "100"}}
    good = {
        "format": "lockgate-statistics",
        "format_version": 1,
        "target": "t",
        "taken_at": "",
        "server": server,
    }
    path = tmp_path / "stats.json"
    path.write_text(json.dumps(good))
    assert read_file(path).server.number("max_connections") == 100
    path.write_text(json.dumps({**good, field: wrong}))
    with pytest.raises(ConfigError, match=said):
        read_file(path)


def test_a_file_that_is_not_there_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_file(tmp_path / "nowhere.json")


def test_the_file_holds_no_secret(pg: Database) -> None:
    """Rows, literals of queries, and passwords in what clients call themselves stay where they are."""
    pg.execute(SETUP)
    pg.execute("INSERT INTO orders (id, note) VALUES (-1, 'hunter2')")
    watching = transaction(pg, "SELECT FROM orders WHERE note = 'hunter2'", name="etl password=hunter2")
    with watching:
        found = look(pg)
    assert found.holders[0].application.startswith("etl password=")
    assert "hunter2" not in to_text(found)
