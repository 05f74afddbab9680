"""Backfills whose values only Python can compute."""

from __future__ import annotations

import hashlib

import pytest

from lockgate.backfill.options import Options
from lockgate.backfill.python import PythonBackfill, run_function
from lockgate.chunks.job import Settings
from lockgate.errors import LockgateError, UnfitTargetError, UsageError

SMALL = Settings(first_rows=70, largest_rows=70)


def digest_of(row):
    return {"full_name": hashlib.sha256(f"{row['first_name']} {row['last_name']}".encode()).hexdigest()}


def backfill(**changes):
    values = {
        "name": "digests",
        "table": "users",
        "read": ("first_name", "last_name"),
        "write": ("full_name",),
        "function": digest_of,
        "where": "k.full_name IS NULL",
        "converges": True,
    }
    return PythonBackfill(**{**values, **changes})


def test_a_function_fills_every_row_and_the_end_is_proved(users):
    out = run_function(users.connect, backfill(), Options(settings=SMALL, workers=2))
    assert (out.job.status, out.job.rows_left, out.progress.rows_done) == ("done", 0, 5000)
    with users.connect() as c:
        rows = c.execute("SELECT first_name, last_name, full_name FROM users").fetchall()
    assert all(digest_of({"first_name": f, "last_name": n})["full_name"] == d for f, n, d in rows)


def test_odd_values_come_through_and_none_leaves_a_row_alone(pg):
    with pg.connect() as c:
        c.execute("CREATE TABLE t (id int PRIMARY KEY, a text, doc jsonb, n numeric)")
        c.execute("INSERT INTO t SELECT n, E'tab\\there \\\\ ' || n FROM generate_series(1, 300) n")

    def odd(row):
        if row["id"] % 3 == 0:
            return None
        return {"a": row["a"] + "\n\t\\N'\"", "doc": '{"k": [1, null]}', "n": row["id"] / 4}

    spec = PythonBackfill("odd", "t", ("id", "a"), ("a", "doc", "n"), odd)
    assert run_function(pg.connect, spec, Options(settings=SMALL)).progress.rows_done == 200
    with pg.connect() as c:
        assert c.execute(
            "SELECT count(*) FROM t WHERE doc = '{\"k\": [1, null]}' AND n = id / 4.0"
        ).fetchone() == (200,)
        assert c.execute(
            "SELECT count(*) FROM t WHERE a = E'tab\\there \\\\ ' || id || E'\\n\\t\\\\N''\"'"
        ).fetchone() == (200,)


def test_a_function_that_raises_stops_without_half_a_chunk(users):
    def bad(row):
        if row["first_name"] == "f2500":
            raise KeyError("secret value")
        return digest_of(row)

    with pytest.raises(LockgateError, match="raised KeyError") as caught:
        run_function(users.connect, backfill(function=bad), Options(settings=SMALL))
    assert "secret" not in str(caught.value.to_json())
    with users.connect() as c:
        done = c.execute("SELECT count(*) FROM users WHERE full_name IS NOT NULL").fetchone()[0]
        counted = c.execute("SELECT sum(rows_changed) FROM lockgate.backfill_range").fetchone()[0]
    assert done == counted < 5000


def test_mistakes_are_told(users, pg):
    with pytest.raises(UsageError, match="has no column nope"):
        run_function(users.connect, backfill(write=("nope",)))
    with pytest.raises(UsageError, match="does not exist"):
        run_function(users.connect, backfill(where="k.nope IS NULL"))
    with users.connect() as c:
        c.execute("CREATE TABLE keyless (a text)")
    with pytest.raises(UnfitTargetError, match="needs a unique key"):
        run_function(
            users.connect, backfill(table="keyless", read=("a",), write=("a",), where=None, converges=False)
        )


def test_it_goes_on_under_its_name_and_refuses_another_function(users):
    run_function(users.connect, backfill(), Options(settings=SMALL))
    assert run_function(users.connect, backfill()).progress.rows_done == 5000
    with pytest.raises(UsageError, match="another function"):
        run_function(users.connect, backfill(function=lambda row: None))
