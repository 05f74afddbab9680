"""What only a server of its own shows: counted queries, time spent on blocks, an autovacuum that does not give way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.projects import sandbox

from lockgate.catalog.statistics.read import read
from lockgate.local import binaries, flavours, pristine
from lockgate.local.cluster import Cluster
from lockgate.types import LockMode
from lockgate.workflow.statistics_file import read_file

pytestmark = pytest.mark.server

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "autovacuum_naptime": "1s",
    "autovacuum_freeze_max_age": "100000",
    "track_io_timing": "on",
    "fsync": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
}
SETUP = """
    CREATE EXTENSION pg_stat_statements;
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (id int PRIMARY KEY, note text);
    CREATE TABLE public.users (id int PRIMARY KEY);
    CREATE VIEW shop.open_orders AS SELECT * FROM shop.orders WHERE note IS NULL;
    CREATE TABLE public.old (id int, filler text)
      WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
    INSERT INTO public.old SELECT g, repeat('x', 200) FROM generate_series(1, 100000) g;
"""
AGE = "DO $$ BEGIN FOR i IN 1..101000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("s")
    cluster = Cluster.of(binaries.find(17), folder)
    pristine.provide(cluster, flavours.POSTGRES)
    try:
        process = cluster.start(SETTINGS)
        address = f"postgresql://postgres@/template1?host={process.socket_dir}&port={process.port}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(SETUP)
        yield address
    finally:
        cluster.stop(immediately=True)


def test_queries_are_counted_by_what_they_lock_and_not_by_their_text(url: str, tmp_path: Path) -> None:
    project = sandbox(tmp_path, url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset(), pg_stat_reset()")
        connection.execute("SET search_path = shop")
        for number in range(20):
            connection.execute(f"SELECT * FROM orders WHERE note = 'hunter{number}'")
        connection.execute("SELECT count(*) FROM open_orders JOIN public.users USING (id)")
        connection.execute("UPDATE orders SET note = 'hunter2' WHERE id = 1")
        connection.execute("CREATE ROLE someone PASSWORD 'hunter2'")
    path = tmp_path / "stats.json"
    exported = project.to_target("stats", "export", "--output", str(path), "--no-calibration")
    assert exported.exit_code == 0, exported.output
    statistics = read_file(path)
    assert statistics.counts_queries
    ours = [q for q in statistics.queries if any(name.startswith("shop.") for name, _ in q.locks)]
    modes = sorted((mode, name) for query in ours for name, mode in query.modes())
    assert modes == [
        (LockMode.ACCESS_SHARE, "public.users"),
        (LockMode.ACCESS_SHARE, "shop.open_orders"),
        (LockMode.ACCESS_SHARE, "shop.orders"),
        (LockMode.ACCESS_SHARE, "shop.orders"),
        (LockMode.ROW_EXCLUSIVE, "shop.orders"),
    ]
    reading = max(ours, key=lambda query: query.calls.average or 0)
    assert reading.locks == (("shop.orders", "AccessShareLock"),)
    rates = sorted(query.calls.average or 0 for query in ours)
    assert rates[2] == pytest.approx(rates[0] * 20, rel=0.05)
    text = path.read_text("utf-8")
    assert "hunter" not in text
    assert "SELECT" not in text


def test_who_would_wait_is_counted_by_query(url: str, tmp_path: Path) -> None:
    project = sandbox(tmp_path, url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
        for _ in range(50):
            connection.execute("SELECT FROM shop.orders JOIN public.users USING (id)")
    project.write(
        "20260101100000",
        "both",
        "ALTER TABLE shop.orders DROP COLUMN note CASCADE;\nLOCK TABLE public.users, shop.orders IN SHARE MODE;",
    )
    document = project.json("check", "--no-calibration")
    strong, weak = [entry["impact"] for entry in document["forecasts"]]
    assert strong["counted_by"] == weak["counted_by"] == "queries"
    assert strong["queries_per_second"] > 0
    assert weak["queries_per_second"] == 0, "SHARE lets readers in"


def test_the_time_of_a_block_is_measured_by_the_server(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        for _ in range(2):
            connection.execute("SELECT count(*) FROM public.old")  # it does not fit into shared buffers
        connection.execute("SELECT pg_stat_force_next_flush()")
        row = connection.execute(
            "SELECT blk_read_time, blks_read FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        found = read(connection, "here", seconds=0, measure=False)[0].server.seconds_per_block
    assert row is not None
    time_of_all, blocks = row
    assert blocks > 1000
    assert found == pytest.approx(time_of_all / 1000 / blocks, rel=0.2)


def test_an_autovacuum_that_prevents_wraparound_is_named(url: str, tmp_path: Path) -> None:
    """The table is made to be vacuumed slowly, and the transaction ids are spent until the server insists."""
    project = sandbox(tmp_path, url)
    project.write("20260101100000", "old", "ALTER TABLE public.old ADD COLUMN more int;")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(AGE)
        _wait_for_vacuum(connection)
    document = json.loads(project.to_target("check", "--no-calibration", "--seconds", "0", "--json").stdout)
    (blocker,) = document["forecasts"][0]["impact"]["blockers"]
    assert blocker["kind"] == "autovacuum"
    assert blocker["prevents_wraparound"]
    assert (blocker["relation"], blocker["lock"]) == ("public.old", "ShareUpdateExclusiveLock")
    assert "does not give way" in blocker["message"]


def _wait_for_vacuum(connection: psycopg.Connection[object]) -> None:
    """Wait for the one that prevents wraparound; an ordinary one may have come before it, and is sent away."""
    deadline = time.monotonic() + 120
    query = (
        "SELECT CASE WHEN a.query LIKE '%(to prevent wraparound)' THEN true ELSE NOT pg_cancel_backend(pid) END"
        " FROM pg_stat_progress_vacuum JOIN pg_stat_activity AS a USING (pid) WHERE relid = 'public.old'::regclass"
    )
    while connection.execute(query).fetchone() != (True,):
        assert time.monotonic() < deadline, "no autovacuum came"
        time.sleep(0.1)
