"""Fills the example's database: 200,000 users and two million rows in seconds, the same rows on every run.

The rows are made by the server (``rows/*.sql``), as functions of their number and a seed. Two sessions work side by
side. Triggers and foreign-key checks are off meanwhile (``session_replication_role``), so the statements compute the
counters themselves and every reference is right by construction. Plain indexes are built after the rows, with the
definitions that they had.

    python seed.py postgresql://postgres@127.0.0.1:54322/postgres --users 200000
"""

from __future__ import annotations

import argparse
import queue
import re
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

ROWS: Final = Path(__file__).with_name("rows")

Progress = Callable[[str, int, float], None]
"""Called after each table with its name, its number of new rows and the seconds they took."""

TABLES: Final = (
    ("public.items",),
    ("auth.users",),
    ("public.activity_log",),
    ("public.comments",),
    ("public.memberships", "public.organisations"),
    ("public.users",),
    ("public.canvases",),
    ("public.user_preferences",),
    ("public.attachments",),
)
"""What one session fills in one go, the longest work first; organisations count their memberships."""

SESSIONS: Final = 2

SETTINGS: Final = """
    SET LOCAL session_replication_role = replica;
    SET LOCAL synchronous_commit = off;
    SET LOCAL work_mem = '128MB';
    SET LOCAL maintenance_work_mem = '256MB';
    SET LOCAL statement_timeout = 0;
    SET LOCAL jit = off;
    SET LOCAL enable_memoize = off;
    SET LOCAL timezone = 'UTC';
"""


class SeedError(Exception):
    """The database cannot be filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many rows each table got, and the seconds that all of it took."""

    rows: Mapping[str, int]
    seconds: float

    @property
    def total(self) -> int:
        """The rows of all tables together."""
        return sum(self.rows.values())


def seed(conninfo: str, users: int = 200_000, progress: Progress | None = None, *, number: int = 1) -> Seeded:
    """Fill a database that has the example's schema and none of these rows yet.

    Tables that a database at an earlier version does not have yet are left out, and so is ``users.full_name``.
    The role must own the tables and be allowed to set ``session_replication_role``, as ``postgres`` is on a hosted
    project. Tables are locked until the end. Another ``number`` makes other rows. Raises SeedError when it cannot
    begin, and psycopg.Error when the server refuses something; then nothing was written.
    """
    began = time.monotonic()
    sizes = _sizes(users, number)
    work: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()
    for group in TABLES:
        work.put(group)
    with ExitStack() as stack:
        sessions = [stack.enter_context(_session(conninfo, sizes)) for _ in range(SESSIONS)]
        pool = stack.enter_context(ThreadPoolExecutor(SESSIONS))
        parts = [pool.submit(_fill, session, work, sizes, progress) for session in sessions]
        rows = {table: count for part in parts for table, count in part.result().items()}
        for session in sessions:
            session.commit()
        list(pool.map(_tidy, sessions, [[*part.result()] for part in parts]))
    return Seeded(rows, time.monotonic() - began)


def _sizes(users: int, number: int) -> dict[str, int]:
    if users < 1:
        raise SeedError("at least one user is needed")
    return {
        "seed": number,
        "users": users,
        "organisations": max(1, users // 40),
        "canvases": max(1, users // 2),
        "items": users * 5 // 2,
        "comments": users,
        "attachments": users // 5,
        "activities": users * 2,
    }


def _session(conninfo: str, sizes: Mapping[str, int]) -> psycopg.Connection[Any]:
    session = psycopg.connect(conninfo, cursor_factory=psycopg.ClientCursor)
    try:
        session.execute(SETTINGS)
        session.execute(_sql("functions"), sizes)
        found = session.execute(
            "SELECT EXISTS (SELECT FROM public.users WHERE id = pg_temp.key('user', 0))"
        ).fetchone()
    except psycopg.errors.InsufficientPrivilege as error:
        session.close()
        raise SeedError(f"this role may not switch triggers off for its session: {error}") from error
    except psycopg.errors.UndefinedTable as error:
        session.close()
        raise SeedError("the example's schema is not there: apply its migrations first") from error
    if found and found[0]:
        session.close()
        raise SeedError("these rows are there already; choose another number, or an empty database")
    return session


def _fill(
    session: psycopg.Connection[Any],
    work: queue.SimpleQueue[tuple[str, ...]],
    sizes: Mapping[str, int],
    progress: Progress | None,
) -> dict[str, int]:
    rows: dict[str, int] = {}
    while not work.empty():
        for table in filter(partial(_has_table, session), work.get()):
            began = time.monotonic()
            rows[table] = _fill_table(session, table, sizes)
            if progress:
                progress(table, rows[table], time.monotonic() - began)
    return rows


def _fill_table(session: psycopg.Connection[Any], table: str, sizes: Mapping[str, int]) -> int:
    statements = _sql(table.removeprefix("public.").replace(".", "_"))
    if not _has_column(session, "public.users", "full_name"):
        statements = re.sub(r"^.*-- if there is one\n", "", statements, flags=re.MULTILINE)
    indexes = session.execute(_sql("plain_indexes"), {"table": table}).fetchall()
    for name, _ in indexes:
        session.execute(f"DROP INDEX {name}")
    count = _count(session.execute(statements, sizes))
    for _, definition in indexes:
        session.execute(definition)
    return count


def _has_table(session: psycopg.Connection[Any], table: str) -> bool:
    return session.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,)


def _has_column(session: psycopg.Connection[Any], table: str, column: str) -> bool:
    query = "SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s AND NOT attisdropped"
    return session.execute(query, (table, column)).fetchone() is not None


def _count(cursor: psycopg.Cursor[Any]) -> int:
    rows = cursor.rowcount
    while cursor.nextset():
        rows += cursor.rowcount
    return rows


def _tidy(session: psycopg.Connection[Any], tables: list[str]) -> None:
    """Fresh statistics and visibility, so that neither plans nor autovacuum change in the middle of a demonstration."""
    session.autocommit = True
    for table in tables:
        if table.startswith("public."):
            session.execute(f"VACUUM (ANALYZE) {table}")


def _sql(name: str) -> str:
    return (ROWS / f"{name}.sql").read_text("utf-8")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fill the example's database.")
    parser.add_argument("conninfo", help="connection string of a database with the example's schema")
    parser.add_argument(
        "--users", type=int, default=200_000, help="number of users; there are ten rows for each"
    )
    parser.add_argument("--number", type=int, default=1, help="another number makes other rows")
    options = parser.parse_args()
    try:
        done = seed(options.conninfo, options.users, _print, number=options.number)
    except (SeedError, psycopg.Error) as error:
        print(f"Not seeded: {error}", file=sys.stderr)
        return 1
    print(f"{done.total:>12,} rows in {done.seconds:.1f} s")
    return 0


def _print(table: str, rows: int, seconds: float) -> None:
    print(f"{rows:>12,} {table:<26} {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
