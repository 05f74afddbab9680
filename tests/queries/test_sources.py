"""Queries that a real server has counted and logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from lockgate.errors import LockgateError
from lockgate.local import binaries, flavours, pristine
from lockgate.local.cluster import Cluster
from lockgate.proving.application.logs import read_log
from lockgate.proving.application.statistics import read_statistics

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "log_line_prefix": "%m [%p] user=%u ",
    "pg_stat_statements.track": "all",
    "log_statement": "all",
    "log_min_messages": "log",
    "fsync": "off",
    "shared_buffers": "16MB",
}


@dataclass(frozen=True)
class Server:
    url: str
    log: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of our own that counts and logs, where an application has been at work."""
    folder = tmp_path_factory.mktemp("s")
    cluster = Cluster.of(binaries.find(17), folder)
    pristine.provide(cluster, flavours.POSTGRES)
    try:
        process = cluster.start(SETTINGS)
        url = f"postgresql://postgres@/template1?host={process.socket_dir}&port={process.port}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "CREATE EXTENSION pg_stat_statements; CREATE ROLE app; CREATE TABLE orders (id int, note text);"
                "CREATE ROLE watcher LOGIN; ALTER ROLE app SET search_path = app_v2, public;"
                "CREATE FUNCTION count_them() RETURNS int LANGUAGE plpgsql AS"
                " 'BEGIN RETURN (SELECT count(*) FROM orders WHERE id > 1); END'"
            )
            connection.execute("GRANT ALL ON orders TO app; SET ROLE app")
            connection.execute("SELECT id\nFROM orders WHERE note = 'secret'")
            connection.execute("INSERT INTO orders VALUES (%s, %s)", (1, "private"))
            connection.execute("SELECT count_them() + 1")
        yield Server(url, cluster.log_file)
    finally:
        cluster.stop(immediately=True)


def test_counted_queries_come_with_their_role_and_without_values(server: Server) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        found = read_statistics(connection)
    names = {query.name: query.role for query in found.queries}
    assert names["SELECT id FROM orders WHERE note = $1"] == "app"
    assert names["INSERT INTO orders VALUES ($1, $2)"] == "app"
    assert not any("CREATE" in name or "secret" in name for name in names)
    assert {query.search_path for query in found.queries if query.role == "app"} == {"app_v2, public"}
    # What a function asks is told apart from what its caller asks.
    assert [name for name in names if "count" in name] == ["SELECT count_them() + $1"]


def test_whoever_may_not_read_the_statistics_is_told_so(server: Server) -> None:
    with (
        psycopg.connect(server.url.replace("//postgres@", "//watcher@")) as connection,
        pytest.raises(LockgateError, match="does not tell") as caught,
    ):
        read_statistics(connection)
    assert caught.value.next_steps == ("GRANT pg_read_all_stats TO watcher;",)


def test_a_server_that_counts_nothing_is_told_how_to(server: Server) -> None:
    with (
        psycopg.connect(
            server.url.replace("/template1", "/lockgate_maintenance"), autocommit=True
        ) as connection,
        pytest.raises(LockgateError, match="does not tell") as caught,
    ):
        read_statistics(connection)
    assert "CREATE EXTENSION pg_stat_statements" in caught.value.next_steps[0]


def test_the_log_gives_the_same_queries(server: Server) -> None:
    found = read_log(server.log)
    names = {query.name for query in found.queries}
    assert {"SELECT id FROM orders WHERE note = ?", "INSERT INTO orders VALUES ($1, $2)"} <= names
    # Whoever logs in is not who asks, where SET ROLE stands between.
    assert {query.role for query in found.queries if "orders" in query.name} == {"app"}
