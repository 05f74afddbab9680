"""Databases of a local server as wholes: clone, drop, swap, and put right what a killed process left behind."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator

from lockgate.local.flavours import Connection
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.queries import read as read_query

PREVIOUS = "lockgate_previous"
"""What the project's database is called while a reset makes the next one."""

TRASH = "lockgate_trash_"
"""The beginning of the name of a database that only waits to be dropped."""

_PACKAGE = "lockgate.local"
_LATER = "lockgate local later"
_POLL_SECONDS = 0.01


def exists(connection: Connection, name: str) -> bool:
    """Whether the server has a database of that name."""
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def clone(connection: Connection, source: str, name: str, owner: str) -> None:
    """Make a database from another one, with its settings and grants, which PostgreSQL leaves behind.

    Ends every connection to ``source``. The files are copied: some hundredths of a second for an ordinary schema.
    """
    with nobody_in(connection, source):
        connection.execute(f"CREATE DATABASE {_copy_of(source, name, owner)}")
    copy_settings(connection, source, name)


def _copy_of(source: str, name: str, owner: str) -> str:
    return f"{quote(name)} TEMPLATE {quote(source)} OWNER {quote(owner)} STRATEGY file_copy"


def copy_settings(connection: Connection, source: str, name: str) -> None:
    """Give a database the settings and grants of another one."""
    for query in ("database_settings", "database_grants"):
        rows = connection.execute(read_query(_PACKAGE, query), {"source": source, "name": name}).fetchall()
        for (command,) in rows:
            connection.execute(command)


def drop(connection: Connection, name: str) -> None:
    """Drop a database whoever is connected; nothing happens when it is not there."""
    if exists(connection, name):
        connection.execute(f"ALTER DATABASE {quote(name)} WITH IS_TEMPLATE false")
        connection.execute(f"DROP DATABASE {quote(name)} WITH (FORCE)")


def throw_away(connection: Connection, name: str) -> None:
    """Get a database out of the way at once; :func:`later` drops it."""
    if exists(connection, name):
        rename(connection, name, TRASH + secrets.token_hex(6))


def later(connection: Connection, spare: tuple[str, str, str] | None) -> None:
    """Let the server go on after we have left: drop the trash, and make a closed clone (source, name, owner).

    A server finishes a command that it has received even when its client is gone. Uses the connection up.
    """
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (TRASH,)
    ).fetchall()
    commands = [f"DROP DATABASE {quote(name)} WITH (FORCE)" for (name,) in rows]
    if spare is not None:
        commands.insert(0, f"CREATE DATABASE {_copy_of(*spare)} ALLOW_CONNECTIONS false")
    if commands:
        connection.execute(f"SET application_name = {literal(_LATER)}".encode())
        _send_and_forget(connection, commands)


def finish_later(connection: Connection) -> None:
    """Wait until nothing that :func:`later` left to the server is under way any more."""
    while connection.execute(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = %s", (_LATER,)
    ).fetchone():
        time.sleep(_POLL_SECONDS)


def _send_and_forget(connection: Connection, commands: list[str]) -> None:
    """None of these commands may run in a transaction block, so each one is a message of its own in one pipeline."""
    link = connection.pgconn
    link.enter_pipeline_mode()
    for command in commands:
        link.send_query_params(command.encode("utf-8"), None)
        link.pipeline_sync()
    while link.flush():
        pass
    connection.close()


def rename(connection: Connection, name: str, to: str) -> None:
    """Rename a database, ending every connection to it."""
    with nobody_in(connection, name):
        connection.execute(f"ALTER DATABASE {quote(name)} RENAME TO {quote(to)}")
        connection.execute(f"ALTER DATABASE {quote(to)} WITH ALLOW_CONNECTIONS true")


def seal(connection: Connection, name: str) -> None:
    """Make a database a template that nobody connects to."""
    connection.execute(f"ALTER DATABASE {quote(name)} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")


@contextlib.contextmanager
def nobody_in(connection: Connection, name: str) -> Iterator[None]:
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


def recover(connection: Connection, name: str) -> bool:
    """Undo a reset that was killed in its middle: the database from before it comes back. True when there was one."""
    if not exists(connection, PREVIOUS):
        return False
    drop(connection, name)
    rename(connection, PREVIOUS, name)
    return True
