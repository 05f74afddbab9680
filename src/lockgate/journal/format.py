"""The journal's own schema: created in one transaction, moved forward by its own numbered files, never backward."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any, Final, NamedTuple

import psycopg

from lockgate import __version__
from lockgate.errors import LockgateError, UnfitTargetError

SCHEMA: Final = "lockgate"
_ADVISORY_KEY: Final = 0x6C6F636B67617465  # "lockgate" as eight bytes


class SchemaFile(NamedTuple):
    """One numbered file of the journal's own history."""

    version: int
    sql: str


@functools.cache
def schema_files() -> tuple[SchemaFile, ...]:
    """All files, in order."""
    folder = resources.files("lockgate.journal").joinpath("schema")
    found = [
        SchemaFile(int(match[1]), entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", entry.name))
    ]
    return tuple(sorted(found))


def installed_version(connection: psycopg.Connection[Any]) -> int | None:
    """The newest installed version, or None where there is no journal; raises LockgateError for a broken one."""
    row = connection.execute("SELECT to_regclass('lockgate.format'), to_regnamespace('lockgate')").fetchone()
    if row is None or row[0] is None:
        return None
    version = connection.execute("SELECT max(version) FROM lockgate.format").fetchone()
    if version is None or version[0] is None:
        raise LockgateError(
            "The journal (schema lockgate) is there but holds no format version.",
            why="lockgate.format is empty: somebody changed it by hand",
            next_steps=["restore the schema lockgate from a backup, or drop it and run lockgate baseline"],
        )
    return int(version[0])


def check(connection: psycopg.Connection[Any]) -> int | None:
    """Like :func:`installed_version`; raises UnfitTargetError when a newer Lockgate wrote the journal."""
    version = installed_version(connection)
    newest = schema_files()[-1].version
    if version is not None and version > newest:
        raise UnfitTargetError(
            f"The journal of this database has format {version}; this Lockgate ({__version__}) knows {newest}.",
            state="nothing was changed",
            next_steps=["upgrade Lockgate to the version that the rest of the team uses"],
        )
    return version


def ensure(connection: psycopg.Connection[Any]) -> None:
    """Create the journal, or bring it to this version, in one transaction; cheap when there is nothing to do."""
    version = check(connection)
    if version == schema_files()[-1].version:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_KEY])
        version = check(connection) or 0
        for file in schema_files():
            if file.version > version:
                _install(connection, file)


def _install(connection: psycopg.Connection[Any], file: SchemaFile) -> None:
    try:
        connection.execute(file.sql)
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnfitTargetError(
            "This role may not create the journal (schema lockgate).",
            state="nothing was changed",
            why=str(error).splitlines()[0],
            next_steps=[
                "connect as a role with CREATE on the database, or have an administrator create the schema"
            ],
        ) from error
    connection.execute(
        "INSERT INTO lockgate.format (version, lockgate_version) VALUES (%s, %s)", [file.version, __version__]
    )
