"""Writers whose snapshot is older than a copy: nothing that they delete or change may stay behind on the other side.

At READ COMMITTED each statement of a trigger sees what is committed. At the stricter levels it sees what was there when
the transaction began, and a copy made since is invisible to it. Then the write must end in a serialization failure,
which such an application is ready to try again, or reach the copy: never neither.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import ObjectNotInPrerequisiteState, SerializationFailure
from tests.planning.measured import waits_for_lock
from tests.planning.strategies.points import SEEDS, App, Walk
from tests.planning.strategies.test_reshape import MOVE
from tests.planning.strategies.test_table_shapes import CASES as SHAPES
from tests.planning.tables.test_rebuilds import ANEW, NAMED, REFERRING
from tests.sampling import in_turn, some_of
from tests.servers import Database

from lockgate.sql.parse import parse

AWAITING = "SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND NOT granted"
BARE = App(
    "INSERT INTO public.users (id, bio) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET bio = %(value)s WHERE id = %(id)s",
    "SELECT id::text, bio FROM public.users",
)
LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")


def daily(name: str) -> pytest.MarkDecorator:
    """One of the three tests each day, all of them nightly."""
    chosen = in_turn(("waits", "truncate", "names"))
    return pytest.mark.skipif(name not in chosen, reason="another day")


@dataclass(frozen=True)
class Race:
    """Writes of one row (``%(id)s``) of a change in flight, and the rows that the two sides do not agree about."""

    walk: Any
    writes: tuple[str, ...]
    apart: str
    first: str = "SELECT 1"


VISITS = (
    "DELETE FROM public.visits WHERE id = %(id)s",
    "UPDATE public.visits SET id = DEFAULT WHERE id = %(id)s",
    "UPDATE public.visits SET value = 'late' WHERE id = %(id)s",
    "UPDATE public.visits SET value = value WHERE id = %(id)s",
)
UNLIKE = (
    "(TABLE public.visits EXCEPT TABLE public.visits_new)"
    " UNION ALL (TABLE public.visits_new EXCEPT TABLE public.visits)"
)
COUNTED = "SELECT setval(pg_get_serial_sequence('public.visits', 'id'), 70000)"
RACES = {
    "rebuild": Race(ANEW, VISITS, UNLIKE, COUNTED),
    "referred-to": Race(replace(ANEW, schema=NAMED, old=REFERRING, new=REFERRING), VISITS, UNLIKE, COUNTED),
    "move-column": Race(
        MOVE,
        (
            "UPDATE public.users SET bio = NULL WHERE id = %(id)s",
            "UPDATE public.users SET bio = 'late' WHERE id = %(id)s",
            "UPDATE public.profiles SET about = 'late' WHERE user_id = %(id)s",
        ),
        "SELECT users.id, bio, about FROM public.users JOIN public.profiles p ON p.user_id = users.id"
        " WHERE bio IS DISTINCT FROM about",
    ),
    "merge-tables": Race(
        SHAPES["merge"],
        (
            "UPDATE public.settings SET lang = NULL WHERE user_id = %(id)s",
            "UPDATE public.settings SET lang = 'late' WHERE user_id = %(id)s",
            "UPDATE public.users SET lang = 'late' WHERE id = %(id)s",
            "DELETE FROM public.settings WHERE user_id = %(id)s",
            "DELETE FROM public.users WHERE id = %(id)s",
        ),
        "SELECT id, u.lang, s.lang FROM public.users u FULL JOIN public.settings s ON user_id = id"
        " WHERE u.lang IS DISTINCT FROM s.lang",
    ),
    "split-table": Race(
        SHAPES["split"],
        (
            "UPDATE public.users SET bio = NULL WHERE id = %(id)s",
            "UPDATE public.users SET id = id + 70000 WHERE id = %(id)s",
            "DELETE FROM public.users WHERE id = %(id)s",
        ),
        "SELECT u.id, p.id FROM public.users u FULL JOIN public.user_profiles p USING (id)"
        " WHERE u.bio IS DISTINCT FROM p.bio OR u.id IS NULL OR p.id IS NULL",
    ),
}


@pytest.mark.parametrize("name", some_of(list(RACES), 1))
def test_no_write_with_an_old_snapshot_leaves_a_stale_copy(tmp_path: Path, name: str, pg: Database) -> None:
    race = RACES[name]
    walk = Walk.begin(tmp_path, pg, race.walk)
    walk.plan()
    walk.forth(1)
    wanted = [(level, sql) for level in LEVELS for sql in race.writes]
    with contextlib.ExitStack() as stack:
        pg.execute(race.first)
        writers = []
        for number, (level, sql) in enumerate(wanted, 10):
            writer = stack.enter_context(pg.connect())
            writer.execute(f"BEGIN ISOLATION LEVEL {level}")
            writer.execute("SELECT count(*) FROM pg_class")
            writers.append((writer, level, sql, number))
        walk.forth(2)
        for writer, level, sql, number in writers:
            try:
                writer.execute(sql, {"id": number})
                writer.execute("COMMIT")
            except SerializationFailure:
                assert level != "READ COMMITTED", sql
                writer.execute("ROLLBACK")
    with pg.connect() as connection:
        assert connection.execute(race.apart).fetchall() == []


@daily("waits")
def test_no_write_that_waits_for_a_copy_leaves_it_stale(tmp_path: Path, pg: Database) -> None:
    walk = Walk.begin(tmp_path, pg, ANEW)
    walk.plan()
    walk.forth(1)
    pg.execute(COUNTED)
    (copy,) = (
        s.sql for f in (tmp_path / "migrations").glob("*copy*.sql") for s in parse(f.read_text()).statements
    )
    for number, (level, sql) in enumerate(itertools.product(LEVELS, VISITS[:3]), 10):
        with pg.connect() as copier, pg.connect() as writer:
            writer.execute(f"BEGIN ISOLATION LEVEL {level}")
            writer.execute("SELECT count(*) FROM pg_class")
            copier.execute("BEGIN")
            copier.execute(copy.replace(" FOR ", f" WHERE id = {number} FOR ", 1))
            thread = threading.Thread(target=_finish, args=(writer, sql, number))
            thread.start()
            waits_for_lock(copier, writer.info.backend_pid, thread)
            copier.execute("COMMIT")
            thread.join()
    walk.forth(2)
    with pg.connect() as connection:
        assert connection.execute(UNLIKE).fetchall() == []


def _finish(writer: psycopg.Connection[Any], sql: str, number: int) -> None:
    with contextlib.suppress(SerializationFailure):
        writer.execute(sql, {"id": number})  # type: ignore[call-overload]
        writer.execute("COMMIT")


@daily("truncate")
def test_truncate_with_a_fixed_snapshot_is_refused_where_it_cannot_be_carried_over(
    tmp_path: Path, pg: Database
) -> None:
    walk = Walk.begin(tmp_path, pg, RACES["referred-to"].walk)
    walk.plan()
    walk.forth(1)
    emptied = "TRUNCATE public.visits, public.orders, public.notes"
    with pg.connect() as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(ObjectNotInPrerequisiteState, match="needs READ COMMITTED"):
            connection.execute(emptied)
        connection.execute("ROLLBACK")
        connection.execute(emptied)
        assert connection.execute(UNLIKE).fetchall() == []


@daily("names")
def test_the_names_change_when_everybody_sees_the_copies(tmp_path: Path, pg: Database) -> None:
    bare = replace(
        MOVE, schema="CREATE TABLE public.users (id bigint PRIMARY KEY, bio text);\n", old=BARE, new=BARE
    )
    walk = Walk.begin(tmp_path, pg, replace(bare, change=("VACUUM FULL users",)))
    walk.plan()
    walk.forth(1)
    with pg.connect() as reader, pg.connect() as observer:
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM pg_class")
        walk.forth(2)
        thread = threading.Thread(target=walk.forth, args=(3,))
        thread.start()
        while not observer.execute(AWAITING).fetchall():
            assert thread.is_alive()
        assert reader.execute("SELECT count(*) FROM public.users").fetchone() == (SEEDS,)
        reader.execute("COMMIT")
        thread.join()
    walk.forth(4)
