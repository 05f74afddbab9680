"""Databases of a local server as wholes: clone, drop, swap, and put right what a killed process left behind."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator

from lockgate.local.link import Link, Session
from lockgate.sql.identifiers import quote
from lockgate.sql.queries import read as read_query

PREVIOUS = "lockgate_previous"
"""What the project's database is called while a reset makes the next one."""

TRASH = "lockgate_trash_"
"""The beginning of the name of a database that only waits to be dropped."""

_PACKAGE = "lockgate.local"
_LATER = "lockgate local later"
_POLL_SECONDS = 0.01


def exists(connection: Session, name: str) -> bool:
    """Whether the server has a database of that name."""
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def clone(connection: Session, source: str, name: str, owner: str) -> None:
    """Make a database from another one, with its settings and grants, which PostgreSQL leaves behind.

    Ends every connection to ``source``. The files are copied: some hundredths of a second for an ordinary schema.
    """
    with nobody_in(connection, source):
        connection.execute(f"CREATE DATABASE {_copy_of(source, name, owner)}")
    copy_settings(connection, source, name)


def _copy_of(source: str, name: str, owner: str) -> str:
    return f"{quote(name)} TEMPLATE {quote(source)} OWNER {quote(owner)} STRATEGY file_copy"


def copy_settings(connection: Session, source: str, name: str) -> None:
    """Give a database the settings and grants of another one."""
    for query in ("database_settings", "database_grants"):
        rows = connection.execute(read_query(_PACKAGE, query), {"source": source, "name": name}).fetchall()
        for (command,) in rows:
            connection.execute(command)


def drop(connection: Session, name: str) -> None:
    """Drop a database whoever is connected; nothing happens when it is not there."""
    if exists(connection, name):
        connection.execute(f"ALTER DATABASE {quote(name)} WITH IS_TEMPLATE false")
        connection.execute(f"DROP DATABASE {quote(name)} WITH (FORCE)")


def throw_away(connection: Session, name: str) -> None:
    """Get a database out of the way at once; :func:`later` drops it."""
    if exists(connection, name):
        rename(connection, name, TRASH + secrets.token_hex(6))


def later(connection: Link, spare: tuple[str, str, str] | None) -> None:
    """Let the server go on after we have left: drop the trash, and make a closed clone (source, name, owner).

    A server finishes what it has received even when its client is gone. Uses the connection up.
    """
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (TRASH,)
    ).fetchall()
    commands = [f"DROP DATABASE {quote(name)} WITH (FORCE)" for (name,) in rows]
    if spare is not None:
        commands.insert(0, f"CREATE DATABASE {_copy_of(*spare)} ALLOW_CONNECTIONS false")
    connection.leave(commands, _LATER)


def finish_later(connection: Session) -> None:
    """Wait until nothing that :func:`later` left to the server is under way any more."""
    while connection.execute(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", (_LATER,)
    ).fetchone():
        time.sleep(_POLL_SECONDS)


def rename(connection: Session, name: str, to: str) -> None:
    """Rename a database, ending every connection to it."""
    with nobody_in(connection, name):
        connection.execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(to)}")
        connection.execute(f"ALTER DATABASE {quote(to)} WITH ALLOW_CONNECTIONS true")


def seal(connection: Session, name: str) -> None:
    """Make a database a template that nobody connects to."""
    connection.execute(f"ALTER DATABASE {quote(name)} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")


@contextlib.contextmanager
def nobody_in(connection: Session, name: str) -> Iterator[None]:
    """End every connection to a database and let no new one in; a sealed template stays sealed."""
    row = connection.execute("SELECT datallowconn FROM pg_database WHERE datname = %s", (name,)).fetchone()
    was_open = row is not None and bool(row[0])
    if was_open:
        connection.execute(f"ALTER DATABASE {quote(name)} WITH ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    try:
        yield
    finally:
        if was_open and exists(connection, name):
            connection.execute(f"ALTER DATABASE {quote(name)} WITH ALLOW_CONNECTIONS true")


def recover(connection: Session, name: str) -> bool:
    """Undo a reset that was killed in its middle: the database from before it comes back. True when there was one."""
    if not exists(connection, PREVIOUS):
        return False
    drop(connection, name)
    rename(connection, PREVIOUS, name)
    return True
