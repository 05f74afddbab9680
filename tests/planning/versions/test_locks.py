"""Whoever asks a view locks it before its table: a migration that needs both waits for the view with empty hands."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.projects import sandbox
from tests.servers import Database

SCHEMA = (
    "CREATE TABLE public.notes (id bigint PRIMARY KEY);\nCREATE VIEW public.shown AS TABLE public.notes;\n"
)
CHANGE = "SELECT 1;\nDROP VIEW public.shown;\nALTER TABLE public.notes ADD COLUMN text text;\n"
WAITING = "SELECT pid FROM pg_locks WHERE relation = 'public.shown'::regclass AND NOT granted"
HELD = "SELECT count(*) FROM pg_locks WHERE relation = 'public.notes'::regclass AND pid = %s"


def test_a_view_is_waited_for_before_its_table_is_locked(tmp_path: Path, pg: Database) -> None:
    place = sandbox(tmp_path, pg.url, extra="[locks]\nbudget = 120\nlock_timeout = 1\npause = 0.05\n")
    place.write("20250101090000", "create", SCHEMA, "DROP VIEW shown; DROP TABLE notes;")
    assert place.to_target("apply").exit_code == 0
    place.write("20250101090001", "change", CHANGE, "ALTER TABLE notes DROP COLUMN text;")
    codes: list[int] = []
    runner = threading.Thread(target=lambda: codes.append(place.to_target("apply").exit_code))
    with pg.connect() as watcher, pg.connect() as user:
        with user.transaction():
            user.execute("COMMENT ON VIEW public.shown IS 'in use'")
            runner.start()
            waiting = None
            while waiting is None and runner.is_alive():
                waiting = watcher.execute(WAITING).fetchone()
            assert waiting is not None, codes
            assert watcher.execute(HELD, waiting).fetchone() == (0,)
        runner.join()
    assert codes == [0]
