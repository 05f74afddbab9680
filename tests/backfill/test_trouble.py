"""What goes wrong in the middle of a run: each thing is survived, or told in plain words."""

from __future__ import annotations

import contextlib
import threading
import time

import psycopg
import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.options import Options
from lockgate.backfill.preparation import prepare
from lockgate.backfill.run import read_outcome, run, start, work_on
from lockgate.chunks.job import Settings, cancel, get_job, pause, resume
from lockgate.chunks.ledger import Ledger
from lockgate.errors import LockgateError, NeedsPersonError, UnfitTargetError, VerificationError

FILL = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"
SMALL = Settings(first_rows=50, largest_rows=50, pause_ms=3)


@contextlib.contextmanager
def working(pg, job, **options):
    """A worker in a thread; gives a list that holds the outcome or the error at the end."""
    result = []

    def work():
        try:
            result.append(work_on(pg.connect, job, **options))
        except Exception as error:
            result.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield result
    thread.join(60)
    assert not thread.is_alive()


def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def begun(c, pg, sql=FILL, settings=SMALL, **options):
    return start(c, sql, Options(settings=settings, **options), "job")


def rows_done(c):
    return read_outcome(c, "job").progress.rows_done


@pytest.mark.parametrize("walk", ["keyset", "strided", "pages"])
def test_poison_rows_are_set_aside_by_key_and_the_rest_is_done(users, walk):
    with users.connect() as c:
        c.execute(
            "ALTER TABLE users ADD CONSTRAINT polite CHECK (full_name NOT IN ('f7 l7', 'f8 l8', 'f4000 l4000'))"
        )
    with pytest.raises(VerificationError) as caught:
        run(users.connect, FILL, Options(walker=walk), name="job")
    assert "3 rows raise an error" in caught.value.why
    with users.connect() as c:
        outcome = read_outcome(c, "job")
        assert outcome.progress.rows_done == 4997
        assert len(outcome.skipped) == 3
        reasons = c.execute("SELECT DISTINCT sqlstate, reason FROM lockgate.backfill_skipped").fetchall()
        assert reasons == [("23514", "check violation, constraint polite")]
        if walk == "keyset":
            keys = {key[0] for key in outcome.skipped}
            rows = c.execute("SELECT id::text FROM users WHERE full_name IS NULL").fetchall()
            assert keys == {row[0] for row in rows}
        c.execute("ALTER TABLE users DROP CONSTRAINT polite")
        resume(c, "job")
        assert work_on(users.connect, get_job(c, "job")).job.status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


def test_too_many_poison_rows_stop_the_job(users):
    with users.connect() as c:
        c.execute("ALTER TABLE users ADD CONSTRAINT impossible CHECK (full_name IS NULL)")
    with pytest.raises(
        LockgateError, match="more than 5 rows cannot be changed: check violation, constraint impossible"
    ):
        run(users.connect, FILL, Options(settings=Settings(max_skipped=5)), name="job")
    with users.connect() as c:
        assert get_job(c, "job").status == "failed"


def test_rows_the_expression_cannot_fix_are_reported_and_nothing_loops(users):
    with users.connect() as c:
        c.execute("UPDATE users SET first_name = NULL WHERE first_name LIKE 'f12%'")
        hopeless = c.execute("SELECT count(*) FROM users WHERE first_name IS NULL").fetchone()[0]
    with pytest.raises(VerificationError) as caught:
        run(users.connect, FILL, name="job")
    assert f"for {hopeless:,} rows the new values leave them in the set" in caught.value.why
    assert any("concat_ws" in step for step in caught.value.next_steps)
    with users.connect() as c:
        job = get_job(c, "job")
        assert (job.status, job.rows_left, job.rows_unfixable, job.sweep) == (
            "incomplete",
            hopeless,
            hopeless,
            0,
        )


def test_a_row_that_somebody_holds_does_not_stop_the_others(users):
    with users.connect() as c, users.connect(autocommit=False) as holder:
        holder.execute("UPDATE users SET touched = 5 WHERE first_name = 'f100'")
        job = begun(c, users, settings=Settings(lock_timeout_ms=30, ignored_signals=("oldest-xmin",)))
        with working(users, job) as result:
            until(lambda: rows_done(c) >= 4900)
            holder.rollback()
        assert result[0].job.status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


def test_deadlocks_with_the_application_are_survived(users):
    with users.connect() as c:
        job = begun(
            c, users, settings=Settings(first_rows=400, largest_rows=400, lock_timeout_ms=3000, pause_ms=1)
        )
        c.execute("CREATE TABLE ids AS SELECT id FROM users ORDER BY id DESC")
        stopped = threading.Event()
        deadlocks = []

        def disturb():
            with users.connect(autocommit=False) as d:
                d.execute("SET deadlock_timeout = '20ms'")
                while not stopped.is_set():
                    try:
                        for (key,) in d.execute(
                            "SELECT id FROM ids TABLESAMPLE SYSTEM (30) ORDER BY id DESC LIMIT 200"
                        ).fetchall():
                            d.execute("UPDATE users SET touched = touched + 1 WHERE id = %s", [key])
                        d.commit()
                    except psycopg.errors.DeadlockDetected:
                        deadlocks.append(1)
                        d.rollback()

        thread = threading.Thread(target=disturb, daemon=True)
        thread.start()
        outcome = work_on(users.connect, job, workers=2)
        stopped.set()
        thread.join(10)
        assert outcome.job.status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


@pytest.mark.parametrize("walk", ["strided", "pages"])
def test_rows_that_move_are_noticed_and_walked_again(users, walk):
    with users.connect() as c:
        job = begun(c, users, walker=walk)
        with working(users, job) as result:
            until(lambda: rows_done(c) > 500)
            c.execute("VACUUM FULL users")
        outcome = result[0]
        assert outcome.job.status == "done"
        assert any("was rewritten while it was walked" in note for note in outcome.job.notes)
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


def test_by_key_a_rewrite_does_not_matter(users):
    with users.connect() as c:
        job = begun(c, users, "UPDATE users SET touched = touched + 1")
        with working(users, job) as result:
            until(lambda: rows_done(c) > 500)
            c.execute("CLUSTER users USING users_pkey")
        assert result[0].job.status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (5000,)


@pytest.mark.parametrize(
    ("ddl", "words"),
    [
        ("DROP TABLE users", "undefined table"),
        (
            (
                "BEGIN; ALTER TABLE users RENAME TO users_old; CREATE TABLE users (LIKE users_old INCLUDING ALL);"
                " INSERT INTO users SELECT * FROM users_old; COMMIT"
            ),
            "another one has taken its name",
        ),
        ("ALTER TABLE users DROP COLUMN full_name", "undefined column"),
        ("ALTER TABLE users ALTER full_name TYPE int USING 1", "datatype mismatch"),
    ],
)
def test_a_table_that_changes_under_us_stops_the_job_in_words(users, ddl, words):
    with users.connect() as c:
        job = begun(c, users)
        with working(users, job) as result:
            until(lambda: rows_done(c) > 300)
            c.execute(ddl)
        error = result[0]
        assert isinstance(error, LockgateError)
        assert words in error.message + (error.why or "")
        assert get_job(c, "job").status == "failed"
        if "RENAME" in ddl:
            differing = "a.full_name IS DISTINCT FROM b.full_name"
            in_both = f"SELECT count(*) FROM users a JOIN users_old b USING (id) WHERE {differing}"
            assert c.execute(in_both).fetchone() == (0,), "a chunk wrote into the other table"


def test_a_permission_that_is_lost_stops_the_job(users):
    with users.connect() as c:
        c.execute(
            "DO $$ BEGIN CREATE ROLE lockgate_worker LOGIN SUPERUSER; EXCEPTION WHEN duplicate_object THEN"
            " ALTER ROLE lockgate_worker SUPERUSER; END $$"
        )
        c.execute(
            "CREATE TABLE mine (id int PRIMARY KEY, a int); INSERT INTO mine SELECT generate_series(1, 3000)"
        )
        c.execute("ALTER TABLE mine OWNER TO lockgate_worker")

        def connect():
            connection = users.connect()
            connection.execute("SET ROLE lockgate_worker")
            return connection

        with connect() as w:
            start(w, "UPDATE mine SET a = 1 WHERE a IS NULL", Options(settings=SMALL), "job")
        c.execute("GRANT USAGE ON SCHEMA lockgate TO lockgate_worker")
        c.execute("GRANT ALL ON ALL TABLES IN SCHEMA lockgate TO lockgate_worker")
        c.execute("GRANT ALL ON ALL FUNCTIONS IN SCHEMA lockgate TO lockgate_worker")
        c.execute("ALTER ROLE lockgate_worker NOSUPERUSER")
        result = []

        def work():
            try:
                result.append(work_on(connect, get_job(c2, "job")))
            except LockgateError as error:
                result.append(error)

        with users.connect() as c2:
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            until(lambda: rows_done(c) > 200)
            c.execute("ALTER TABLE mine OWNER TO postgres")
            thread.join(30)
        assert "insufficient privilege" in result[0].message
        assert get_job(c, "job").status == "failed"


def test_timeouts_and_read_only_of_the_role_or_database_do_not_matter(users):
    with users.connect() as c:
        for setting in (
            "statement_timeout = '80ms'",
            "default_transaction_read_only = on",
            "lock_timeout = '1ms'",
        ):
            c.execute(f"ALTER DATABASE {users.name} SET {setting}")
        c.execute("SET default_transaction_read_only = off")
        c.execute("DELETE FROM users WHERE id > '0a000000-0000-0000-0000-000000000000'")
        left = c.execute("SELECT count(*) FROM users").fetchone()[0]
    slow = "UPDATE users SET full_name = first_name || pg_sleep(0.004) WHERE full_name IS NULL"
    settings = Settings(first_rows=50, largest_rows=50, target_ms=1000)
    assert (
        run(users.connect, slow, Options(settings=settings, walker="keyset")).progress.rows_done == left > 100
    )


def test_connections_that_are_cut_are_opened_again(users):
    with users.connect() as c:
        job = begun(c, users, "UPDATE users SET touched = touched + 1")
        with working(users, job, workers=2) as result:
            for _ in range(4):
                before = rows_done(c)
                until(lambda before=before: rows_done(c) > before + 100 or get_job(c, "job").status == "done")
                c.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = 'lockgate backfill' AND pid <> pg_backend_pid()"
                )
        assert result[0].job.status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (5000,)


def test_a_worker_that_wakes_up_too_late_cannot_write(users):
    with users.connect() as one, users.connect() as two:
        job = begun(one, users, "UPDATE users SET touched = touched + 1", Settings(lease_seconds=0.3))
        sleeper, other = Ledger(one, job, "sleeper"), Ledger(two, job, "other")
        lease = sleeper.claim()
        sleeper.step(lease, 10)
        time.sleep(0.5)
        taken = other.claim()
        assert taken.range_id == lease.range_id
        with pytest.raises(psycopg.Error) as caught:
            sleeper.step(lease, 10)
        assert caught.value.sqlstate == "LG001"
        assert one.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (10,)
        assert work_on(users.connect, job).job.status == "done"
        assert one.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (5000,)


def test_a_live_lease_is_not_taken_over(users):
    with users.connect() as one, users.connect() as two:
        job = begun(one, users)
        ranges = one.execute("SELECT count(*) FROM lockgate.backfill_range WHERE kind = 'walk'").fetchone()[0]
        held = Ledger(one, job, "one")
        assert all(held.claim() for _ in range(ranges))
        assert Ledger(two, job, "two").claim() is None


def test_pause_resume_and_cancel_from_another_terminal(users):
    with users.connect() as c:
        job = begun(c, users)
        with working(users, job) as result:
            until(lambda: rows_done(c) > 100)
            pause(c, "job")
            time.sleep(1.2)
            before = rows_done(c)
            time.sleep(0.6)
            assert rows_done(c) == before
            assert read_outcome(c, "job").progress.status == "paused"
            resume(c, "job")
            until(lambda: rows_done(c) > before)
            cancel(c, "job")
        assert isinstance(result[0], NeedsPersonError)
        assert 100 < rows_done(c) < 5000
        resume(c, "job")
        assert work_on(users.connect, get_job(c, "job")).job.rows_left == 0


def test_triggers_are_found_kept_or_skipped(pg):
    make_users(pg, 500)
    with pg.connect() as c:
        c.execute("CREATE TABLE audit (n int)")
        c.execute(
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN INSERT INTO audit VALUES (1); RETURN NEW; END $$"
        )
        c.execute("CREATE TRIGGER note AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note()")
        c.execute(
            "CREATE TRIGGER other AFTER UPDATE OF last_name ON users FOR EACH ROW EXECUTE FUNCTION note()"
        )
    kept = run(pg.connect, FILL)
    assert any("fires on every row: note (note)" in note for note in kept.job.notes)
    with pg.connect() as c:
        assert c.execute("SELECT count(*) FROM audit").fetchone() == (500,)
        c.execute("UPDATE users SET full_name = NULL; TRUNCATE audit")
    skipped = run(pg.connect, FILL + " AND true", Options(triggers="skip"))
    assert any("skipped on every row: note" in note for note in skipped.job.notes)
    with pg.connect() as c:
        assert c.execute("SELECT count(*) FROM audit").fetchone() == (0,)
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


def test_triggers_that_keep_foreign_keys_cannot_be_skipped(pg):
    with pg.connect() as c:
        c.execute(
            "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, n int)"
        )
        with pytest.raises(UnfitTargetError, match="cannot be skipped"):
            start(c, "UPDATE t SET p = 1 WHERE p IS NULL", Options(triggers="skip"))
        with pytest.raises(UnfitTargetError, match="cannot be skipped"):
            start(c, "DELETE FROM p", Options(triggers="skip"))
        start(c, "UPDATE t SET n = 1 WHERE n IS NULL", Options(triggers="skip"))


def test_skipping_triggers_takes_a_right(users):
    with users.connect() as c:
        c.execute("GRANT ALL ON users TO pg_monitor")
        c.execute("SET ROLE pg_monitor")
        with pytest.raises(UnfitTargetError, match="may not skip triggers"):
            prepare(c, FILL, Options(triggers="skip"))


def test_it_works_as_the_role_of_hosted_projects(supabase_db):
    with supabase_db.connect() as c:
        c.execute("CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)")
        c.execute("INSERT INTO t (n) SELECT NULL FROM generate_series(1, 500)")
    out = run(supabase_db.connect, "UPDATE t SET n = 1 WHERE n IS NULL", Options(settings=SMALL))
    assert (out.job.status, out.progress.rows_done) == ("done", 500)


def test_the_same_name_goes_on_and_another_statement_is_refused(users):
    with users.connect() as c:
        first = begun(c, users)
        assert begun(c, users).id == first.id
        with pytest.raises(LockgateError, match="belongs to another statement"):
            begun(c, users, "UPDATE users SET touched = 1")


def test_a_run_that_was_taken_over_cannot_write_any_more(users):
    with users.connect() as c:
        job = begun(c, users)
        c.execute("UPDATE lockgate.lease SET token = 7")
        c.execute("UPDATE lockgate.backfill_job SET run_token = 7")
        with working(users, job) as result:
            until(lambda: rows_done(c) > 200)
            c.execute("UPDATE lockgate.lease SET token = 8")
        assert "another run has taken over" in result[0].message
        assert rows_done(c) < 5000


def test_a_worker_stays_under_80_megabytes(users, child):
    with users.connect() as c:
        begun(c, users, settings=Settings())
    words = child(users.url, "job", "2").finish().split()
    assert words[-2] == "done"
    assert int(words[-1]) < 80 * 1024
