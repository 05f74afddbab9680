"""Locks as they are really taken, statement by statement."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lockgate.migration.directives import parse_directives
from lockgate.proving.playing import play, score
from lockgate.sql.parse import parse


def piece(sql, major):
    """A file that is on no disk, ready to be played."""
    script = parse(sql)
    file = SimpleNamespace(
        label="m.sql",
        checksum="0",
        script=script,
        directives=parse_directives(script, "m.sql"),
        no_transaction="no-transaction" in sql,
    )
    return score(SimpleNamespace(version="1", name="m", forth=file, rollback=None), file, major)


@pytest.fixture
def connection(pg):
    with pg.connect(prepare_threshold=None) as connection:
        connection.execute("""
            CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(10)); CREATE TABLE u (id int PRIMARY KEY);
            INSERT INTO t SELECT n, n, n FROM generate_series(1, 50) n; INSERT INTO u SELECT id FROM t;
            CREATE VIEW v AS SELECT id FROM t;
        """)
        yield connection


def measured(connection, sql):
    played = play(connection, piece(sql, connection.info.server_version // 10000), measure=True)
    assert played.ok, played.failure
    return played.measured


def seen(entry):
    return {
        lock.relation: (
            lock.mode.pg_name,
            *(["rewrite"] if lock.rewrite else []),
            *(["scan"] if lock.scan else []),
        )
        for lock in entry.locks
    }


STATEMENTS = {
    "ALTER TABLE t ADD COLUMN x int": {"public.t": ("AccessExclusiveLock",)},
    "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()": {
        "public.t": ("AccessExclusiveLock", "rewrite", "scan")
    },
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL": {"public.t": ("AccessExclusiveLock", "scan")},
    "ALTER TABLE t ALTER COLUMN a TYPE bigint": {"public.t": ("AccessExclusiveLock", "rewrite", "scan")},
    "ALTER TABLE t ALTER COLUMN b TYPE text": {"public.t": ("AccessExclusiveLock",)},
    "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES u": {
        "public.t": ("ShareRowExclusiveLock", "scan"),
        "public.u": ("ShareRowExclusiveLock", "scan"),
    },
    "ALTER TABLE t ADD CHECK (a > 0) NOT VALID": {"public.t": ("AccessExclusiveLock",)},
    "CREATE INDEX ON t (a)": {"public.t": ("ShareLock", "scan")},
    "CREATE TABLE w (id int REFERENCES t)": {"public.t": ("ShareRowExclusiveLock",)},
    "COMMENT ON TABLE t IS 'x'": {"public.t": ("ShareUpdateExclusiveLock",)},
    "UPDATE t SET a = 1 WHERE false": {"public.t": ("RowExclusiveLock",)},
    "DROP VIEW v": {"public.v": ("AccessExclusiveLock",)},
    "GRANT SELECT ON u TO PUBLIC": {},
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_a_statement_locks(connection, statement):
    (entry,) = measured(connection, statement)
    found = seen(entry)
    wanted = STATEMENTS[statement]
    if "REFERENCES u" in statement:
        assert {name: found[name][0] for name in wanted} == {name: mode[0] for name, mode in wanted.items()}
    else:
        assert {name: found[name] for name in wanted} == wanted


def test_each_statement_is_measured_by_itself(connection):
    first, second, third = measured(
        connection, "SELECT id FROM t LIMIT 1; CREATE INDEX ON t (a); DROP TABLE u;"
    )
    assert seen(first)["public.t"][0] == "AccessShareLock"
    assert seen(second)["public.t"][0] == "ShareLock"
    assert set(seen(third)) == {"public.u"}
    assert {lock.relation for lock in third.held} == {"public.t", "public.u"}


def test_what_a_file_makes_itself_is_no_lock_that_anybody_waits_for(connection):
    entries = measured(connection, "CREATE TABLE fresh (id int); ALTER TABLE fresh ADD COLUMN a int;")
    assert [entry.locks for entry in entries] == [(), ()]


def test_a_statement_outside_of_transactions_is_not_measured(connection):
    (entry,) = measured(connection, "-- lockgate: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);")
    assert entry.locks is None


def test_what_was_locked_before_the_file_does_not_count(connection):
    with connection.transaction(force_rollback=True):
        connection.execute("LOCK TABLE u IN SHARE MODE; SELECT count(*) FROM t")
        played = play(connection, piece("ALTER TABLE t ADD COLUMN x int", 17), measure=True, fresh=False)
        (entry,) = played.measured
        assert seen(entry) == {"public.t": ("AccessExclusiveLock",)}


def test_failures_know_their_line(connection):
    played = play(connection, piece("SELECT 1;\n\nALTER TABLE t ADD COLUMN a int;\n", 17))
    assert played.failure.line == 3
    assert played.failure.sqlstate == "42701"
    assert not played.failure.partly


def test_deferred_constraints_fail_at_the_end(connection):
    connection.execute("CREATE TABLE d (u int REFERENCES u DEFERRABLE INITIALLY DEFERRED)")
    played = play(connection, piece("INSERT INTO d VALUES (-5);", 17))
    assert played.failure.sqlstate == "23503"


def test_warnings_are_kept(connection):
    played = play(connection, piece("DO $$ BEGIN RAISE WARNING 'careful'; RAISE NOTICE 'aside'; END $$;", 17))
    assert played.warnings == ("careful",)
