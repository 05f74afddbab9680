"""Reads the application's queries from ``pg_stat_statements``, where the server keeps them without their values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import psycopg

from lockgate.errors import LockgateError
from lockgate.proving.application.logs import Logged, distinct
from lockgate.proving.application.reading import Collected
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.queries import read as read_query

MOST: Final = 1000
"""How many queries are taken, those that are called most."""

_HIDDEN: Final = (
    "the texts of {} counted statements are hidden from this role: GRANT pg_read_all_stats shows them"
)


def read_statistics(
    connection: psycopg.Connection[Any], role: str | None = None, claims: str | None = None
) -> Collected:
    """The queries that a server has counted in this database; raises LockgateError where it counts none."""
    schema = _schema(connection)
    view = QualifiedName(schema, "pg_stat_statements")
    sql = read_query("lockgate.proving", "counted_statements").format(view=view.sql)
    try:
        rows = connection.execute(sql.encode()).fetchall()
    except psycopg.Error as error:
        raise _nothing_counted(str(error.diag.message_primary or error)) from error
    told = [
        Logged(text, user, search_path=path) for text, user, path in rows if text and not text.startswith("<")
    ]
    found = distinct(told, role, claims, MOST)
    hidden = len(rows) - len(told)
    if not found.queries and hidden:
        raise _hidden(hidden, connection.info.user)
    return replace(found, remarks=(_HIDDEN.format(hidden),) if hidden else ())


def _hidden(count: int, user: str) -> LockgateError:
    return LockgateError(
        "The server does not tell what the application asks.",
        state="nothing was changed",
        why=_HIDDEN.format(count),
        next_steps=[f"GRANT pg_read_all_stats TO {quote(user)};"],
    )


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
