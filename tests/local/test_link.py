"""The connection without a driver says the same as psycopg's, and a reset of nothing needs no driver."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from lockgate.errors import LocalServerError
from lockgate.local import ephemeral
from lockgate.local.link import Link


@pytest.fixture(scope="module")
def running():
    with ephemeral.server(17) as server:
        yield server


QUESTIONS = [
    ("SELECT 1, 2::bigint, 3::oid, 1.5::float8, true, false, NULL::int, 'tèxt', ''", None),
    ("SELECT ARRAY['a', 'b c', 'd\"e', 'f\\g', '', 'x,y', '{z}']::text[], '{}'::text[]", None),
    ("SELECT %s, %s || '%%'", ("it's", "back\\slash")),
    ("SELECT %(one)s, %(two)s, %(one)s", {"one": "a", "two": "%s"}),
    ("SELECT n FROM generate_series(1, 3) AS n", None),
    ("SELECT 'a' = ANY (%s), 'c' = ANY (%s)", (["a", "b"], [])),
    ("SELECT 1 WHERE false", None),
]


@pytest.mark.server
@pytest.mark.parametrize(("query", "params"), QUESTIONS)
def test_it_answers_as_psycopg_does(running, query, params) -> None:
    with running.link() as link, running.connect_admin() as driver:
        assert link.execute(query, params).fetchall() == driver.execute(query, params).fetchall()
        assert link.info.server_version == driver.info.server_version


@pytest.mark.server
def test_an_error_leaves_it_usable(running) -> None:
    with running.link() as link:
        with pytest.raises(LocalServerError) as refused:
            link.execute("SELECT * FROM nowhere")
        assert refused.value.why == 'relation "nowhere" does not exist'
        assert link.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.server
def test_what_it_cannot_reach_is_said(running) -> None:
    with pytest.raises(LocalServerError, match="local server") as wrong:
        running.link("no_such_database")
    assert wrong.value.why == 'database "no_such_database" does not exist'
    with pytest.raises(LocalServerError):
        Link(running.cluster.socket_dir, 1, "nobody", "nothing")


@pytest.mark.server
def test_what_it_leaves_behind_is_done(running) -> None:
    commands = ["CREATE DATABASE left_one", "DROP DATABASE no_such_database", "CREATE DATABASE left_two"]
    running.link().leave(commands, "later")
    with running.link() as link:
        question = "SELECT datname FROM pg_database WHERE datname ~ '^left_' ORDER BY 1"
        deadline = time.monotonic() + 60
        while (found := link.execute(question).fetchall()) != [("left_one",), ("left_two",)]:
            assert time.monotonic() < deadline, found
            time.sleep(0.01)


def test_a_reset_that_finds_everything_as_it_was_loads_no_driver() -> None:
    code = "import sys, lockgate.workflow.local_reset; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
