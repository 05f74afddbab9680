"""Reads the application's queries from ``pg_stat_statements``, where the server keeps them without their values."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from lockgate.errors import LockgateError
from lockgate.proving.application.logs import Logged, distinct
from lockgate.proving.application.reading import Collected
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.queries import read as read_query

MOST: Final = 1000
"""How many queries are taken, those that are called most."""


def read_statistics(
    connection: psycopg.Connection[Any], role: str | None = None, claims: str | None = None
) -> Collected:
    """The queries that a server has counted in this database; raises LockgateError where it counts none."""
    schema = _schema(connection)
    view = QualifiedName(schema, "pg_stat_statements")
    sql = read_query("lockgate.proving", "counted_statements").format(view=view.sql)
    try:
        rows = connection.execute(sql.encode(), {"most": MOST}).fetchall()
    except psycopg.Error as error:
        raise _nothing_counted(str(error.diag.message_primary or error)) from error
    return distinct((Logged(text, user) for text, user in rows), role, claims)


def _schema(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute(read_query("lockgate.proving", "counting_schema")).fetchone()
    if row is None:
        raise _nothing_counted("the extension pg_stat_statements is not in this database")
    return str(row[0])


def _nothing_counted(why: str) -> LockgateError:
    return LockgateError(
        "The server does not tell what the application asks.",
        state="nothing was changed",
        why=why,
        next_steps=[
            "CREATE EXTENSION pg_stat_statements   (its library must be in shared_preload_libraries)",
            "lockgate plan CHANGE --queries FILE   takes the queries from files instead",
        ],
    )
