"""Asks both advisors about a database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg

from lockgate.advise import live, written
from lockgate.advise.model import Result
from lockgate.analysis.options import Options
from lockgate.catalog import Kind, Scope, read
from lockgate.sql.queries import read as read_query


def examine(connection: psycopg.Connection[Any], options: Options) -> tuple[Result, ...]:
    """Everything that the advisors have to say, what weighs most first; the database is only read.

    The schemas that the API serves are asked of the database where it knows them (``pgrst.db_schemas``).
    """
    snapshot = read(connection, Scope())
    exposed = _exposed(connection) or options.exposed_schemas
    schemas = [item.address.name for item in snapshot.objects.values() if item.address.kind is Kind.SCHEMA]
    found = [
        *written.from_schema(connection, snapshot, replace(options, exposed_schemas=exposed)),
        *live.from_server(connection, schemas, sorted(exposed), options.ignore),
    ]
    unique = {result.fingerprint: result for result in found}
    return tuple(sorted(unique.values(), key=lambda one: (-one.severity.rank, one.advice, one.message)))


def _exposed(connection: psycopg.Connection[Any]) -> frozenset[str]:
    row = connection.execute(read_query("lockgate.advise", "exposed_schemas").encode()).fetchone()
    names = row[0].split(",") if row and row[0] else ()
    return frozenset(name.strip() for name in names if name.strip())
