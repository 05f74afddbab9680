"""Runs the introspection queries: all of them, each once, for all objects of a kind."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any, LiteralString, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row, tuple_row

from lockgate.catalog.reading import prepared
from lockgate.catalog.scope import SUPABASE_SCHEMAS, Scope
from lockgate.errors import LockgateError

Row = dict[str, Any]
Rows = dict[str, list[Row]]

OLDEST = 15
"""The first major version that the queries are written for."""

GUESTS = 0
"""Among the schemas: triggers and policies of the project on tables of the platform, too."""

QUERIES = (
    "tables",
    "views",
    "composites",
    "columns",
    "constraints",
    "indexes",
    "sequences",
    "routines",
    "aggregates",
    "triggers",
    "rules",
    "policies",
    "enums",
    "domains",
    "ranges",
    "base_types",
    "collations",
    "operators",
    "operator_families",
    "operator_classes",
    "casts",
    "conversions",
    "transforms",
    "languages",
    "access_methods",
    "text_search_parsers",
    "text_search_templates",
    "text_search_dictionaries",
    "text_search_configurations",
    "extensions",
    "event_triggers",
    "publications",
    "published_tables",
    "foreign_wrappers",
    "foreign_servers",
    "user_mappings",
    "statistics",
    "default_privileges",
    "roles",
    "comments",
    "labels",
    "members",
    "dependencies",
    "array_types",
    "view_rules",
)
ROLE_QUERIES = ("memberships", "settings")

_SETTINGS = """
    SELECT set_config(name, value, true) FROM (VALUES
        ('search_path', ''), ('quote_all_identifiers', 'off'), ('timezone', 'UTC'), ('datestyle', 'ISO, MDY'),
        ('intervalstyle', 'postgres'), ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('jit', 'off')
    ) AS wanted (name, value)
"""
# What a definition looks like depends on these. All are local to the transaction that we roll back.


def fetch(connection: psycopg.Connection[Any], scope: Scope, *, often: bool = False) -> tuple[Row, Rows]:
    """The context row and the rows of every query; leaves the connection as it was.

    Takes AccessShare locks on catalogs only. Inside a transaction of the caller it sees what that did so far; else all
    queries share one read-only snapshot. ``often`` prepares the queries, which on a small schema take longer to plan
    than to run; that needs a connection of one's own, not one of a pooler. Raises LockgateError for a server that is
    too old.
    """
    with _quiet_transaction(connection):
        connection.execute(_SETTINGS)
        if often:
            connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        context = _run(connection, "context", OLDEST, {})[0]
        if context["major"] < OLDEST:
            raise LockgateError(
                f"PostgreSQL {context['major']} is too old: Lockgate reads catalogs from {OLDEST} on",
                state="nothing was changed",
            )
        return context, _fetch_all(connection, scope, context["major"], often)


def _fetch_all(connection: psycopg.Connection[Any], scope: Scope, major: int, often: bool) -> Rows:
    schemas = _run(connection, "schemas", major, _schema_filter(scope))
    oids = (*(row["oid"] for row in schemas), *_guests(scope))
    names = (*QUERIES, *ROLE_QUERIES) if scope.roles else QUERIES
    known = prepared.known(connection) if often else frozenset()
    with connection.pipeline():
        if often:
            for name in names:
                if name not in known:
                    connection.execute(prepared.preparation(name, query(name, major)))
            cursors = {name: _again(connection, name, major, oids, scope.members) for name in names}
        else:
            values = {"schemas": list(oids), "members": scope.members}
            cursors = {name: _start(connection, name, major, values) for name in names}
    return {"schemas": schemas} | {name: cursor.fetchall() for name, cursor in cursors.items()}


def _schema_filter(scope: Scope) -> dict[str, Any]:
    return {
        "only": list(scope.schemas) if scope.schemas is not None else None,
        "exclude": list(scope.exclude),
        "platform": [] if scope.platform or scope.schemas is not None else list(SUPABASE_SCHEMAS),
    }


def _guests(scope: Scope) -> tuple[int, ...]:
    """The schema 0 asks for what a project has on tables of the platform, where the platform itself is left out."""
    return () if scope.platform or scope.schemas is not None else (GUESTS,)


@contextmanager
def _quiet_transaction(connection: psycopg.Connection[Any]) -> Iterator[None]:
    fresh = connection.info.transaction_status == TransactionStatus.IDLE
    # Our settings end with a transaction of our own; inside the caller's they must be rolled back. psycopg forgets its
    # own prepared statements at every ROLLBACK.
    with connection.transaction(force_rollback=not fresh):
        if fresh:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _start(connection: psycopg.Connection[Any], name: str, major: int, values: Row) -> psycopg.Cursor[Row]:
    return _cursor(connection, name).execute(query(name, major), values, prepare=False)


def _again(
    connection: psycopg.Connection[Any], name: str, major: int, schemas: tuple[int, ...], members: bool
) -> psycopg.Cursor[Row]:
    text = prepared.execution(name, query(name, major), schemas, members)
    return _cursor(connection, name).execute(text, prepare=False)


def _cursor(connection: psycopg.Connection[Any], name: str) -> psycopg.Cursor[Row]:
    # There are too many rows of pg_depend to make a dictionary of each.
    factory: Any = tuple_row if name == "dependencies" else dict_row
    return connection.cursor(row_factory=factory)


def _run(connection: psycopg.Connection[Any], name: str, major: int, values: Row) -> list[Row]:
    return _start(connection, name, major, values).fetchall()


@functools.cache
def query(name: str, major: int) -> LiteralString:
    """The text of a query for a server: the file with the largest version suffix that is not above ``major``."""
    suffix = max((version for version in _versions().get(name, ()) if version <= major), default=None)
    file = f"{name}.{suffix}.sql" if suffix else f"{name}.sql"
    return cast("LiteralString", _folder().joinpath(file).read_text("utf-8"))


@functools.cache
def _versions() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for entry in _folder().iterdir():
        if match := re.fullmatch(r"([a-z_]+)\.(\d+)\.sql", entry.name):
            found[match[1]] = (*found.get(match[1], ()), int(match[2]))
    return found


def _folder() -> Any:
    return resources.files("lockgate.catalog").joinpath("queries")
