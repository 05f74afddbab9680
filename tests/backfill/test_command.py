"""The ``lockgate backfill`` command as a person types it."""

from __future__ import annotations

import json

import pytest
from tests.backfill.conftest import make_users
from tests.projects import Sandbox

FILL = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"


@pytest.fixture
def lockgate(pg, tmp_path):
    def call(*arguments, code=0):
        done = Sandbox(tmp_path, pg.url).lockgate("backfill", *arguments)
        assert done.exit_code == code, done.output
        return done

    return call


def test_run_status_and_json(users, lockgate):
    explained = lockgate("run", FILL, "--to", users.url, "--explain").stdout
    assert "by key: the primary key (id)" in explained
    assert "not strided (about" in explained
    done = lockgate("run", FILL, "--to", users.url, "--name", "names", "--workers", "2")
    assert "names is done: 5,000 rows" in done.stdout
    assert "counted: none is left" in done.stdout
    document = json.loads(lockgate("status", "--to", users.url, "--json").stdout)
    (entry,) = document["backfills"]
    assert (entry["name"], entry["status"], entry["rows_done"], entry["rows_left"]) == (
        "names",
        "done",
        5000,
        0,
    )
    assert entry["counted"] is True


def test_a_file_with_a_directive(users, lockgate, tmp_path):
    file = tmp_path / "fill.sql"
    file.write_text(f"-- lockgate: backfill batch=500 pause=1ms key=id\n{FILL};\n")
    document = json.loads(lockgate("run", str(file), "--to", users.url, "--json").stdout)
    assert (document["status"], document["walker"], document["rows_done"]) == ("done", "keyset", 5000)


def test_background_pause_throttle_resume_and_work(users, lockgate):
    lockgate("run", FILL, "--to", users.url, "--name", "later", "--background")
    lockgate("pause", "later", "--to", users.url)
    assert "paused" in lockgate("status", "later", "--to", users.url).stdout
    lockgate(
        "throttle",
        "later",
        "--to",
        users.url,
        "--rate",
        "100000",
        "--target",
        "50ms",
        "--limit",
        "slot_bytes=5e9",
    )
    with users.connect() as c:
        settings = c.execute("SELECT settings FROM lockgate.backfill_job").fetchone()[0]
    assert settings["rows_per_second"] == 100000
    assert settings["target_ms"] == 50
    assert settings["limits"] == {"slot_bytes": 5e9}
    lockgate("resume", "later", "--to", users.url)
    assert "is done" in lockgate("work", "later", "--to", users.url).stdout


def test_cancel_keeps_what_is_done_and_says_so(users, lockgate):
    lockgate("run", FILL, "--to", users.url, "--name", "no", "--background")
    lockgate("cancel", "no", "--to", users.url)
    told = lockgate("work", "no", "--to", users.url, code=8)
    assert "was cancelled" in told.stderr
    assert "lockgate backfill resume no" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "UPDATE users SET"], "syntax error"),
        (["run", "UPDATE users SET nope = 1"], 'column "nope"'),
        (["run", "UPDATE nope SET a = 1"], "There is no table nope"),
        (["run", "SELECT 1"], "Only UPDATE, DELETE and INSERT"),
        (["run", "missing.sql"], "There is no file missing.sql"),
        (["run", FILL, "--walk", "sideways"], "no way to walk"),
        (["run", FILL, "--key", "full_name"], "no unique key"),
        (["run", FILL, "--ignore-signal", "weather"], "no throttle signal called weather"),
        (["run", FILL, "--limit", "replica_lag_seconds=soon"], "not a limit"),
        (["run", FILL, "--limit", "moon=3"], "no limit called 'moon'"),
        (["run", FILL, "--quiet-hours", "at night"], "not a span of hours"),
        (["run", FILL, "--target", "soon"], "not a duration"),
        (["status", "nope"], "no backfill called 'nope'"),
        (["pause", "nope"], "no backfill called 'nope'"),
        (["throttle", "nope", "--rate", "5"], "no backfill called 'nope'"),
    ],
)
def test_mistakes_are_told_in_words(users, tmp_path, arguments, words):
    done = Sandbox(tmp_path, users.url).lockgate("backfill", *arguments, "--to", users.url)
    assert done.exit_code in (1, 2)
    assert words in done.stderr


def test_check_counts_what_is_left_and_what_differs(users, lockgate):
    lockgate("run", FILL, "--to", users.url, "--name", "names")
    assert "0 rows are left to do" in lockgate("check", "names", "--to", users.url).stdout
    with users.connect() as c:
        c.execute("UPDATE users SET full_name = 'other' WHERE first_name IN ('f1', 'f2')")
        c.execute("UPDATE users SET full_name = NULL WHERE first_name = 'f3'")
    document = json.loads(lockgate("check", "names", "--to", users.url, "--json", code=6).stdout)
    assert (document["remaining"], document["differing"]) == (1, 3)


def test_rows_that_cannot_be_filled_end_with_exit_code_6(pg, lockgate):
    make_users(pg)
    with pg.connect() as c:
        c.execute("UPDATE users SET last_name = NULL WHERE first_name IN ('f1', 'f2', 'f3')")
    before = lockgate("run", FILL, "--to", pg.url, "--explain").stdout
    assert "for some rows the expression gives NULL" in before
    told = lockgate("run", FILL, "--to", pg.url, "--name", "names", code=6).stderr
    assert "3 rows still match its WHERE" in told
    assert "concat_ws" in told
