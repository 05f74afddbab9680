"""Beside an application that writes: every row ends right, none twice, checked by an independent recomputation."""

from __future__ import annotations

import random
import threading

import psycopg
import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.options import Options
from lockgate.backfill.run import run
from lockgate.chunks.job import Settings
from lockgate.errors import VerificationError

TRIGGER = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.full_name := NEW.first_name || ' ' || NEW.last_name; RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT OR UPDATE OF first_name, last_name ON users FOR EACH ROW EXECUTE FUNCTION fill();
"""
FULL = "first_name || ' ' || last_name"
FILL = f"UPDATE users SET full_name = {FULL} WHERE full_name IS DISTINCT FROM {FULL}"
SMALL = Settings(first_rows=60, largest_rows=60, pause_ms=1)


class Writers:
    """Sessions that insert, update, delete and change keys until they are stopped."""

    def __init__(self, pg, isolation: str, keys: bool = True) -> None:
        self.pg, self.isolation, self.keys = pg, isolation, keys
        self.stopped = threading.Event()
        self.done = 0
        self.errors: list[BaseException] = []
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(3)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(20)
        assert not self.errors, self.errors

    def _run(self, number: int) -> None:
        r = random.Random(number)
        with self.pg.connect() as c:
            c.execute(f"SET default_transaction_isolation = '{self.isolation}'")
            while not self.stopped.is_set():
                try:
                    self._one(c, r)
                    self.done += 1
                except (
                    psycopg.errors.SerializationFailure,
                    psycopg.errors.DeadlockDetected,
                    psycopg.errors.UniqueViolation,
                ):
                    pass
                except psycopg.Error as error:
                    self.errors.append(error)
                    return

    def _one(self, c, r: random.Random) -> None:
        key = f"md5('{r.randint(1, 4000)}')::uuid"
        action = r.randrange(5 if self.keys else 4)
        if action == 0:
            c.execute(
                f"INSERT INTO users (id, first_name, last_name) VALUES (md5('n{r.random()}')::uuid, 'new', 'one')"
            )
        elif action == 1:
            c.execute(f"UPDATE users SET first_name = 'changed' || {r.randint(1, 9)} WHERE id = {key}")
        elif action == 2:
            c.execute(f"DELETE FROM users WHERE id = {key}")
        elif action == 3:
            c.execute(
                f"UPDATE users SET touched = touched WHERE id IN ({key}, md5('{r.randint(1, 4000)}')::uuid)"
            )
        else:
            c.execute(f"UPDATE users SET id = md5('moved{r.random()}')::uuid WHERE id = {key}")


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("walk", ["keyset", "strided", "pages"])
def test_every_row_ends_right(pg, isolation, walk):
    make_users(pg, 4000)
    with pg.connect() as c:
        c.execute(TRIGGER)
    with Writers(pg, isolation) as writers:
        out = run(pg.connect, FILL, Options(settings=SMALL, walker=walk, workers=2))
    assert out.job.status == "done"
    assert writers.done > 50
    with pg.connect() as c:
        wrong = "full_name IS DISTINCT FROM first_name || ' ' || last_name"
        assert c.execute(f"SELECT count(*) FROM users WHERE {wrong}").fetchone() == (0,)


@pytest.mark.slow
def test_a_counter_is_raised_exactly_once_beside_writers(pg):
    make_users(pg, 4000)
    with pg.connect() as c:
        c.execute("CREATE TABLE before AS SELECT id FROM users")
    with Writers(pg, "read committed", keys=False):
        out = run(pg.connect, "UPDATE users SET touched = touched + 1", Options(settings=SMALL, workers=2))
    assert out.job.status == "done"
    with pg.connect() as c:
        twice = c.execute("SELECT count(*) FROM users WHERE touched > 1").fetchone()
        missed = c.execute("SELECT count(*) FROM users JOIN before USING (id) WHERE touched <> 1").fetchone()
    # Rows deleted and inserted again do not occur here: the writers insert under keys of their own.
    assert (twice, missed) == ((0,), (0,))


def test_without_a_trigger_new_rows_are_swept_up_or_reported(pg):
    """The application goes on writing rows without the new column: they are named, and nothing loops for ever."""
    make_users(pg, 2000)
    fill = "UPDATE users SET full_name = first_name WHERE full_name IS NULL"
    with Writers(pg, "read committed", keys=False):
        outcome = _outcome_or_reason(lambda: run(pg.connect, fill, Options(settings=SMALL)))
    assert outcome == 0 or "came back into the set" in outcome


def _outcome_or_reason(act):
    try:
        return act().job.rows_left
    except VerificationError as error:
        return error.why
