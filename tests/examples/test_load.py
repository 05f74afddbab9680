"""The traffic: every operation works as the application's role, and a stall is seen by everybody who came meanwhile."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from tests.examples import valuecanvas
from tests.servers import Database

load = valuecanvas.module("load")
seed = valuecanvas.module("seed")


@pytest.fixture
def busy_db(canvas_db: Database) -> Database:
    seed.seed(canvas_db.url, 200)
    return canvas_db


def test_every_operation_works_and_touches_rows(busy_db: Database) -> None:
    """As the role that the application has: row-level security lets each of them see or change something."""
    traffic = load.Load(busy_db.url)
    with busy_db.connect(row_factory=load.dict_row) as connection:
        actors = connection.execute((load.TRAFFIC / "actors.sql").read_text()).fetchall()
    with traffic._connect() as connection:
        for operation in load.OPERATIONS:
            touched = 0
            for n, actor in enumerate(actors[:40]):
                with connection.transaction():
                    if operation.role:
                        load._act_as(connection, operation.role, actor["user"])
                    values = {**actor, "n": n, "word": "prices or search or mobile"}
                    touched += connection.execute(operation.sql, values).rowcount
            assert touched > 0, operation.name


def test_strangers_see_and_change_nothing(busy_db: Database) -> None:
    """The same statements by somebody who signed up and belongs nowhere."""
    stranger = "00000000-0000-4000-a000-00000000ffff"
    own = {"my_profile", "edit_profile", "sign_up"}
    with busy_db.connect(row_factory=load.dict_row) as connection:
        connection.execute("INSERT INTO auth.users (id) VALUES (%s)", (stranger,))
        actor = connection.execute((load.TRAFFIC / "actors.sql").read_text()).fetchone()
        for operation in load.OPERATIONS:
            if operation.name in own:
                continue
            try:
                with connection.transaction():
                    load._act_as(connection, "authenticated", stranger)
                    touched = connection.execute(operation.sql, {**actor, "n": 1, "word": "prices"}).rowcount
            except load.psycopg.errors.InsufficientPrivilege:
                touched = 0
            assert touched == 0, operation.name


def test_traffic_keeps_its_rate_and_mix(busy_db: Database) -> None:
    with load.Load(busy_db.url, rate=60, workers=4) as traffic:
        time.sleep(3)
    report = traffic.report()
    assert report.errors == {}
    assert abs(report.operations - 60 * report.seconds) <= 1
    assert 0 < report.p50 <= report.p99 <= report.longest
    assert len(Counter(sample.name for sample in traffic.samples)) > 8
    assert sum(sample.name == "unanswered" for sample in traffic.samples) == 0


def test_a_stall_is_seen_by_everybody_who_came(busy_db: Database) -> None:
    """One lock of a second: with a fixed schedule about a third of three seconds' operations are late, not one each."""
    with load.Load(busy_db.url, rate=40, workers=2) as traffic:
        time.sleep(1)
        with busy_db.connect(autocommit=False) as blocker:
            blocker.execute("LOCK TABLE public.users, public.items, public.canvases, public.memberships")
            time.sleep(1)
        time.sleep(1)
    report = traffic.report()
    late = [sample for sample in traffic.samples if sample.latency > 0.25]
    assert report.longest > 0.8
    assert len(late) > 15, f"{len(late)} of {report.operations} late"
    assert traffic.report(until=0.7).longest < report.longest


def test_errors_are_counted_and_the_traffic_goes_on(busy_db: Database) -> None:
    with load.Load(busy_db.url, rate=60, workers=3) as traffic:
        time.sleep(1)
        busy_db.execute("ALTER TABLE public.canvases RENAME COLUMN title TO name")
        with busy_db.connect_admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'valuecanvas'"
                " AND datname = current_database() LIMIT 1"
            )
        time.sleep(2)
    report = traffic.report()
    assert report.errors["42703"] > 0
    assert report.failed == sum(report.errors.values())
    assert "42703" in str(report)
    assert abs(report.operations - 60 * report.seconds) <= 1
    assert any(sample.error is None and sample.due > 1.5 for sample in traffic.samples)


def test_an_empty_database_is_told(canvas_db: Database) -> None:
    with pytest.raises(RuntimeError, match="seed the database first"), load.Load(canvas_db.url):
        pass


@pytest.mark.parametrize(
    ("latencies", "p50", "p99"),
    [([1.0], 1.0, 1.0), ([2.0, 1.0], 1.0, 2.0), ([float(n) for n in range(1, 101)], 50.0, 99.0)],
)
def test_percentiles_by_nearest_rank(latencies: list[float], p50: float, p99: float) -> None:
    samples = [load.Sample("x", 0.0, latency) for latency in latencies]
    report = load.summarise(samples, 1.0)
    assert (report.p50, report.p99, report.longest) == (p50, p99, max(latencies))
