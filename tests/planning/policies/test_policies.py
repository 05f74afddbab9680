"""Policies that change while a role reads: it sees the rows of before or those of after, never more and never fewer."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk
from tests.projects import sandbox
from tests.servers import Database

APP = App(
    "INSERT INTO public.users (id, value) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value FROM public.users",
)
TABLE = (
    "CREATE TABLE public.users (id bigint PRIMARY KEY, value text);\n"
    "GRANT SELECT ON public.users TO pg_monitor;\n"
)
GUARDED = (
    "ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;\n"
    "CREATE POLICY own ON public.users TO pg_monitor USING (id < 10);\n"
)
CASE = Case(schema=TABLE + GUARDED, change=(), old=APP, new=APP, new_from=1, old_until=9, parts=1)
CHANGES = {
    "replaced": (
        CASE,
        "DROP POLICY own ON users; CREATE POLICY own ON users TO pg_monitor USING (id < 20)",
        {9, 19},
    ),
    "altered": (CASE, "ALTER POLICY own ON users USING (id < 20)", {9, 19}),
    "switched-on": (
        replace(CASE, schema=TABLE),
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON users TO pg_monitor USING (id < 20)",
        {300, 19},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_nobody_sees_a_moment_without_them(tmp_path: Path, pg: Database, name: str) -> None:
    case, change, allowed = CHANGES[name]
    walk = Walk.begin(tmp_path, pg, replace(case, change=(change,)))
    before = walk.snapshot()
    walk.plan()
    seen: set[int] = set()
    stop, ready = threading.Event(), threading.Event()

    def look() -> None:
        with pg.connect() as connection:
            connection.execute("SET ROLE pg_monitor")
            while not stop.is_set():
                row = connection.execute("SELECT count(*) FROM public.users").fetchone()
                seen.add(row[0] if row else -1)
                ready.set()

    reader = threading.Thread(target=look)
    reader.start()
    try:
        assert ready.wait(60)
        walk.forth(1)
        walk.ok("rollback", "to", "20250101090000")
    finally:
        stop.set()
        reader.join()
    assert seen <= allowed
    assert walk.snapshot().fingerprint() == before.fingerprint()
    walk.measure()


def test_row_security_without_a_policy_is_said_to_hide_everything(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    place.write("20250101090000", "create_schema", TABLE, "SELECT 1;")
    assert "no policy yet" in place.lockgate("plan", "ALTER TABLE users ENABLE ROW LEVEL SECURITY").output
