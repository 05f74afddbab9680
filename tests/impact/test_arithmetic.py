"""The arithmetic of impact on made-up numbers: nothing here depends on a server or on how fast anything is."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lockgate.analysis.check import check
from lockgate.analysis.impact import durations, spans
from lockgate.analysis.impact.assess import Impact, Work, assess
from lockgate.analysis.impact.durations import MOMENT, Speed
from lockgate.analysis.impact.report import ABOUT_TIME, together, with_impact
from lockgate.analysis.impact.spans import Span
from lockgate.analysis.rules import ALL
from lockgate.analysis.source import Source
from lockgate.catalog.statistics.model import (
    Calibration,
    Holder,
    IndexStatistics,
    QueryStatistics,
    Rate,
    Server,
    Statistics,
    TableStatistics,
)
from lockgate.types import LockMode, RelationLock, Severity

CALIBRATION = Calibration(
    rows=100_000,
    bytes=10_000_000,
    scan_bytes=1e9,
    scan_rows=1e7,
    rewrite_bytes=1e8,
    rewrite_rows=1e6,
    index_rows=1e6,
    seconds=0.5,
)
SERVER = Server(
    170000,
    "app",
    connections=20,
    settings={"max_connections": "100", "effective_cache_size": "2000000000 bytes"},
)
GIGABYTE = 1_000_000_000
USERS = TableStatistics("public.users", 10 * GIGABYTE, 100_000_000)
SMALL = TableStatistics("public.small", 16_384, 100)


def query(number: int, per_second: float, *locks: tuple[str, str]) -> QueryStatistics:
    return QueryStatistics(str(number), Rate(average=per_second), locks)


READ = query(1, 100, ("public.users", "AccessShareLock"))
JOIN = query(2, 10, ("public.users", "AccessShareLock"), ("public.small", "AccessShareLock"))
WRITE = query(3, 5, ("public.users", "RowExclusiveLock"))
STATISTICS = Statistics(
    "production",
    "2026-01-01T00:00:00+00:00",
    SERVER,
    tables=(USERS, SMALL),
    queries=(READ, JOIN, WRITE),
    counts_queries=True,
    calibration=CALIBRATION,
)


def lock(name: str, mode: LockMode, **work: bool) -> RelationLock:
    return RelationLock(name, mode, **work)


def impact(*locks: RelationLock, statistics: Statistics = STATISTICS, **work: object) -> Impact:
    (found,) = assess([Work("AlterTableStmt", locks, **work)], statistics)  # type: ignore[arg-type]
    return found


def test_a_scan_lies_between_the_answers_by_bytes_and_by_rows() -> None:
    speed = Speed.of(replace(STATISTICS, server=replace(SERVER, settings={"effective_cache_size": "1"})))
    table = TableStatistics("t", 1_000_000, 50_000)
    low, high = 1_000_000 / 1e9, 50_000 / 1e7
    found = durations.scan(table, speed)
    cold = 1_000_000 * durations.UNCACHED_BLOCK / 8192
    assert found.low == pytest.approx(low * durations.NOISE[0] + cold, rel=1e-3)
    assert found.high == pytest.approx(high * durations.NOISE[1] + cold)


def test_what_fits_into_memory_may_be_there() -> None:
    speed = Speed.of(STATISTICS)
    fitting = durations.from_disk(GIGABYTE, speed)
    larger = durations.from_disk(3 * GIGABYTE, speed)
    assert fitting.low == 0
    assert larger.low == pytest.approx(GIGABYTE * speed.seconds_per_byte)
    assert larger.high == pytest.approx(3 * GIGABYTE * speed.seconds_per_byte)


def test_the_measured_time_of_a_block_goes_before_the_assumed_one() -> None:
    speed = Speed.of(replace(STATISTICS, server=replace(SERVER, seconds_per_block=0.001, block_size=8192)))
    assert durations.from_disk(8192, speed).high == pytest.approx(0.001)


def test_a_rewrite_takes_its_toast_and_its_indexes_along() -> None:
    speed = Speed.of(STATISTICS)
    rewriting = lock("public.t", LockMode.ACCESS_EXCLUSIVE, rewrite=True, scan=True, index_build=True)
    bare = TableStatistics("public.t", 10_000_000, 100_000)
    toasted = replace(bare, toast_bytes=90_000_000)
    indexed = replace(bare, indexes=(IndexStatistics("public.i", 2_400_000),))
    spent = {
        name: durations.work_on(rewriting, table, speed, patient=False, writes=False)
        for name, table in (("bare", bare), ("toasted", toasted), ("indexed", indexed))
    }
    assert spent["bare"] == durations.rewrite(bare, speed)
    assert spent["toasted"].high > spent["bare"].high
    (index,) = indexed.indexes
    assert spent["indexed"] == spent["bare"] + durations.index_build(indexed, speed, index)


def test_sorting_costs_n_log_n() -> None:
    speed = Speed.of(STATISTICS)
    ten = durations.index_build(TableStatistics("t", 1000, 1_000_000), speed).low
    hundred = durations.index_build(TableStatistics("t", 1000, 100_000_000), speed).low
    assert hundred / ten == pytest.approx(100 * math.log2(100_000_001) / math.log2(1_000_001), rel=1e-6)


def test_wide_and_strange_indexes_take_longer() -> None:
    speed = Speed.of(STATISTICS)
    table = TableStatistics("t", 1_000_000, 10_000)
    narrow, wide, gin = (
        durations.index_build(table, speed, IndexStatistics("i", size, method))
        for size, method in ((240_000, "btree"), (960_000, "btree"), (960_000, "gin"))
    )
    assert wide.low == pytest.approx(narrow.low * 4)
    assert gin.high == pytest.approx(wide.high * durations.OTHER_METHOD)


def test_helpers_of_the_server_only_make_the_best_case_better() -> None:
    parallel = replace(SERVER, settings={**SERVER.settings, "max_parallel_maintenance_workers": "3"})
    alone, helped = (
        durations.index_build(USERS, Speed.of(replace(STATISTICS, server=server)))
        for server in (SERVER, parallel)
    )
    assert helped.low == pytest.approx(alone.low / 4)
    assert helped.high == alone.high


def test_a_concurrent_build_reads_the_table_twice() -> None:
    speed = Speed.of(STATISTICS)
    building = lock("public.users", LockMode.SHARE_UPDATE_EXCLUSIVE, scan=True, index_build=True)
    once, twice = (
        durations.work_on(building, USERS, speed, patient=patient, writes=False) for patient in (False, True)
    )
    scan = durations.scan(USERS, speed)
    assert twice.low - once.low == pytest.approx(scan.low)
    assert twice.high - once.high == pytest.approx(scan.high)


def test_an_update_of_every_row_may_write_as_much_as_a_rewrite() -> None:
    speed = Speed.of(STATISTICS)
    reading = lock("public.users", LockMode.ROW_EXCLUSIVE, scan=True)
    scan = durations.scan(USERS, speed)
    found = durations.work_on(reading, USERS, speed, patient=False, writes=True)
    assert found.low == scan.low
    assert found.high == pytest.approx(scan.high + durations.rewrite(USERS, speed).high)


def test_without_a_calibration_the_range_is_wider() -> None:
    guessed = Speed.of(replace(STATISTICS, calibration=None))
    known = Speed.of(STATISTICS)
    assert guessed.noise[0] < known.noise[0]
    assert guessed.noise[1] > known.noise[1]
    assert durations.scan(USERS, guessed).high > 0


def test_a_table_that_was_never_analyzed_is_counted_by_its_size() -> None:
    assert durations.rows_of(TableStatistics("t", 1_000_000)) == 1_000_000 / durations.ROW_BYTES


def test_a_change_of_the_catalog_alone_takes_a_moment_however_large_the_table() -> None:
    found = impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE))
    assert found.seconds == MOMENT
    assert found.relations == ()


def test_locks_are_held_to_the_end_of_the_transaction() -> None:
    scanning = (lock("public.users", LockMode.ACCESS_EXCLUSIVE, scan=True),)
    quick = (lock("public.small", LockMode.ACCESS_EXCLUSIVE),)
    works = [
        Work("AlterTableStmt", quick, transaction=1),
        Work("AlterTableStmt", scanning, transaction=1),
        Work("AlterTableStmt", quick, transaction=2),
        Work("IndexStmt", quick, transaction=None),
    ]
    first, second, third, fourth = assess(works, STATISTICS)
    assert first.held == first.seconds + second.seconds
    assert second.held == second.seconds
    assert third.held == third.seconds == MOMENT
    assert fourth.held == fourth.seconds


def test_a_backfill_holds_the_locks_of_one_chunk() -> None:
    (found,) = assess(
        [Work("UpdateStmt", (lock("public.users", LockMode.ROW_EXCLUSIVE, scan=True),), in_chunks=True)],
        STATISTICS,
    )
    assert found.held == MOMENT
    assert found.seconds.high > 1


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (LockMode.ACCESS_EXCLUSIVE, 115),
        (LockMode.SHARE, 5),
        (LockMode.SHARE_ROW_EXCLUSIVE, 5),
        (LockMode.SHARE_UPDATE_EXCLUSIVE, 0),
    ],
)
def test_only_queries_whose_locks_conflict_would_wait(mode: LockMode, expected: float) -> None:
    found = impact(lock("public.users", mode))
    assert found.traffic is not None
    assert found.traffic.per_second == expected


def test_a_query_on_two_locked_relations_waits_once() -> None:
    both = [lock(name, LockMode.ACCESS_EXCLUSIVE) for name in ("public.users", "public.small")]
    found = impact(*both)
    assert found.traffic is not None
    assert found.traffic.per_second == 115


def test_as_many_queue_as_come_while_the_lock_is_held() -> None:
    found = impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE, scan=True))
    assert found.queued is not None
    assert found.queued.low == pytest.approx(115 * found.held.low)
    assert found.queued.high == pytest.approx(115 * found.held.high)


def test_connections_run_out_when_more_queries_wait_than_are_free() -> None:
    found = impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE, scan=True))
    assert found.full_after == pytest.approx((100 - 20) / 115)
    assert impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE)).full_after is None


def test_the_busier_of_average_and_present_counts() -> None:
    assert Rate(average=10, recent=2).expected == 10
    assert Rate(average=None, recent=2).expected == 2
    assert Rate().expected is None


def test_without_counted_queries_the_counters_of_tables_stand_in() -> None:
    busy = replace(USERS, scans=Rate(recent=40), row_writes=Rate(recent=2))
    statistics = replace(STATISTICS, counts_queries=False, queries=(), tables=(busy,))
    everything = impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE), statistics=statistics)
    writes = impact(lock("public.users", LockMode.SHARE), statistics=statistics)
    assert everything.traffic is not None
    assert everything.traffic.basis == "table counters"
    assert everything.traffic.per_second == 42
    assert writes.traffic is not None
    assert writes.traffic.per_second == 2


def test_where_nothing_was_counted_nothing_is_claimed() -> None:
    statistics = replace(STATISTICS, counts_queries=False, queries=())
    found = impact(lock("public.users", LockMode.ACCESS_EXCLUSIVE), statistics=statistics)
    assert found.traffic is None
    assert found.to_json()["queued"] is None


def test_a_locked_index_stops_the_queries_on_its_table() -> None:
    indexed = replace(USERS, indexes=(IndexStatistics("public.users_email_idx", 1),))
    statistics = replace(STATISTICS, tables=(indexed,))
    work = Work(
        "ReindexStmt",
        (lock("public.users", LockMode.SHARE),),
        attached=(lock("public.users_email_idx", LockMode.ACCESS_EXCLUSIVE),),
    )
    (found,) = assess([work], statistics)
    assert found.traffic is not None
    assert found.traffic.per_second == 115


def holder(**values: object) -> Holder:
    standard: dict[str, object] = {
        "kind": "session",
        "pid": 4711,
        "user": "reporting",
        "application": "metabase",
        "state": "idle in transaction",
        "seconds": 840.0,
        "has_snapshot": True,
        "locks": (("public.users", "AccessShareLock"),),
    }
    return Holder(**{**standard, **values})  # type: ignore[arg-type]


def blockers(work: Work, *holders: Holder) -> list[str]:
    (found,) = assess([work], replace(STATISTICS, holders=holders))
    return [blocker.words for blocker in found.blockers]


STRONG = Work("AlterTableStmt", (lock("public.users", LockMode.ACCESS_EXCLUSIVE),), transaction=1)
CONCURRENT = Work(
    "IndexStmt", (lock("public.users", LockMode.SHARE_UPDATE_EXCLUSIVE, scan=True),), patient=True
)


def test_who_holds_what_conflicts_is_named() -> None:
    (words,) = blockers(STRONG, holder())
    for part in ("4711", "reporting@metabase", "idle in transaction", "14 min", "public.users"):
        assert part in words


def test_who_holds_something_else_is_not_in_the_way() -> None:
    assert not blockers(STRONG, holder(locks=(("public.orders", "AccessExclusiveLock"),)))
    assert not blockers(CONCURRENT, holder(has_snapshot=False))


def test_short_transactions_are_the_ordinary_traffic() -> None:
    assert not blockers(STRONG, holder(seconds=0.2))


def test_concurrently_waits_for_every_old_snapshot() -> None:
    other = holder(locks=())
    assert "old snapshot" in blockers(CONCURRENT, other)[0]
    assert not blockers(STRONG, other)


def test_an_autovacuum_says_whether_it_gives_way() -> None:
    running = {
        "kind": "autovacuum",
        "state": "active",
        "locks": (("public.users", "ShareUpdateExclusiveLock"),),
    }
    (ordinary,) = blockers(STRONG, holder(**running, seconds=0.5))
    (stubborn,) = blockers(STRONG, holder(**running, prevents_wraparound=True))
    assert "gives way" in ordinary
    assert "does not give way" in stubborn


def test_a_prepared_transaction_is_called_by_its_name() -> None:
    (words,) = blockers(
        STRONG, holder(kind="prepared transaction", pid=0, state="prepared", prepared_as="payment-17")
    )
    assert "payment-17" in words


SQL = """
ALTER TABLE public.users ALTER COLUMN email SET NOT NULL;
ALTER TABLE public.small ALTER COLUMN email SET NOT NULL;
"""
HISTORY = "CREATE TABLE public.users (email text); CREATE TABLE public.small (email text);"


def test_the_same_statement_weighs_less_on_a_small_table() -> None:
    source = Source.from_text("-- lockgate: no-transaction\n" + SQL)
    plain = check([source], history=[Source.from_text(HISTORY)])
    weighed = with_impact(plain, STATISTICS)
    before, after = (
        {f.statement: f for f in report.findings if f.rule == "set-not-null-scan"}
        for report in (plain, weighed)
    )
    assert before[0].severity is before[1].severity is Severity.ERROR
    assert after[0].severity is Severity.ERROR
    assert after[1].severity is Severity.WARNING
    assert "100 rows" in after[1].why
    assert [f.fingerprint for f in plain.findings] == [f.fingerprint for f in weighed.findings]


def test_a_small_table_that_somebody_holds_weighs_as_before() -> None:
    held = replace(STATISTICS, holders=(holder(locks=(("public.small", "AccessShareLock"),)),))
    report = check([Source.from_text(SQL)], history=[Source.from_text(HISTORY)])
    weights = [f.severity for f in with_impact(report, held).findings if f.rule == "set-not-null-scan"]
    assert weights == [Severity.ERROR, Severity.ERROR]


def test_rules_about_time_exist() -> None:
    assert {rule.id for rule in ALL} >= ABOUT_TIME


def test_what_the_file_itself_makes_is_empty_and_nobody_waits_for_it() -> None:
    """Also where a table of that name, and its queries, are in the statistics already."""
    sql = "CREATE TABLE public.users (id int); ALTER TABLE public.users ALTER COLUMN id TYPE bigint;"
    report = with_impact(check([Source.from_text(sql)]), STATISTICS)
    found = report.forecasts[1].impact
    assert found is not None
    assert found.relations == ()
    assert found.traffic is not None
    assert found.traffic.per_second == 0
    assert found.seconds == MOMENT


def test_reports_of_two_parts_are_added_up() -> None:
    report = check([Source.from_text(SQL)], history=[Source.from_text(HISTORY)])
    both = together([report, report])
    assert both.files == 2
    assert both.statements == 2 * report.statements
    assert len(both.findings) == 2 * len(report.findings)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(0.001, 0.02), "less than 30 ms"),
        (Span(2, 5), "about 3.2 s (2 to 5 s)"),
        (Span(0.04, 4), "about 400 ms (40 ms to 4 s)"),
        (Span(40, 400), "about 2.1 min (40 s to 6.7 min)"),
        (Span(3600, 7200), "about 85 min (60 min to 2 h)"),
    ],
)
def test_spans_in_words(span: Span, words: str) -> None:
    assert spans.in_words(span) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0 bytes"), (16_384, "16 kB"), (23_000_000, "21.9 MB"), (51_539_607_552, "48 GB")],
)
def test_sizes_in_words(value: int, words: str) -> None:
    assert spans.size(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.4, "0.4"), (940, "940"), (124_321, "124,000"), (2_100_000, "2.1 million")]
)
def test_numbers_in_words(value: float, words: str) -> None:
    assert spans.number(value) == words


def test_row_triggers_that_fire_for_each_row_cost_their_calls() -> None:
    history = """
        CREATE TABLE users (id bigint PRIMARY KEY, name text);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER a BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE TRIGGER b AFTER UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE TRIGGER statement AFTER UPDATE ON users FOR EACH STATEMENT EXECUTE FUNCTION touch();
        CREATE TRIGGER other AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE TRIGGER off AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
        ALTER TABLE users DISABLE TRIGGER off;
    """
    sql = "UPDATE users SET name = ''; DELETE FROM users; UPDATE users SET name = '' WHERE id = 1;"
    before = [Source.from_text(history)]
    found = with_impact(check([Source.from_text(sql)], history=before), STATISTICS).forecasts
    assert [forecast.row_triggers for forecast in found[:2]] == [("public.users",) * 2, ("public.users",)]
    bare = check([Source.from_text(sql)], history=[Source.from_text(history.partition("CREATE FUNC")[0])])
    for forecast, without in zip(found[:2], with_impact(bare, STATISTICS).forecasts, strict=False):
        assert forecast.impact is not None
        assert without.impact is not None
        calls = len(forecast.row_triggers) * 100_000_000 * durations.TRIGGER_CALL
        assert forecast.impact.relations[0].work == ("scan", "row writes", "row triggers")
        assert forecast.impact.seconds.high == pytest.approx(without.impact.seconds.high + calls)
        assert forecast.impact.seconds.low == without.impact.seconds.low
