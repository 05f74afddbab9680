"""Verifies a target: on a copy with rows where it is our own, else on the database itself without leaving a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from lockgate.catalog.scope import OWN_SCHEMA
from lockgate.config import Config, Target
from lockgate.engine import connecting
from lockgate.proving.rows.compose import Manner as RowManner
from lockgate.proving.rows.fill import Filler
from lockgate.verify.rls.bench import LIVE, Manner
from lockgate.verify.rls.matrix import Tell, build
from lockgate.verify.rls.model import Matrix

Connection = psycopg.Connection[Any]

ROWS = 12
"""Generated rows for each empty table of a copy."""

_NOT_FILLED = (OWN_SCHEMA, "extensions", "realtime", "supabase_functions", "supabase_migrations")


@dataclass(frozen=True, slots=True)
class Stage:
    """A database to probe, how, and what is to be said about it."""

    connection: Connection
    manner: Manner
    words: str


@contextmanager
def stage(config: Config, target: Target, *, only: tuple[str, ...] = ()) -> Iterator[Stage]:
    """A connection for probes: to a filled copy of the embedded server's database, or to the target itself."""
    if target.embedded:
        with _copy(config) as (connection, empty):
            words = "on a throwaway copy of the local database; empty tables hold generated rows"
            yield Stage(connection, Manner(only=only, empty=empty), words)
        return
    connection = connecting.connect(target.conninfo)
    try:
        words = (
            "on the database itself, in one transaction that is rolled back;"
            f" at most {LIVE.sample} rows of each table are read and {LIVE.writes} written;"
            " lock timeout 0.1 s, statement timeout 2 s; sequences may move"
        )
        yield Stage(connection, replace(LIVE, only=only), words)
    finally:
        connection.close()


@contextmanager
def _copy(config: Config) -> Iterator[tuple[Connection, dict[str, str]]]:
    from lockgate.local import ephemeral, server

    running = server.ensure_running(config)
    with ephemeral.copy_of_project(running) as name:
        with running.connect_admin(name) as admin:
            empty = fill(admin)
        connection = connecting.connect(running.url_for(name))
        try:
            yield connection, empty
        finally:
            connection.close()


def fill(admin: Connection, rows: int = ROWS) -> dict[str, str]:
    """Give rows to empty tables; why some could not have any."""
    filled = Filler(RowManner.PLAIN, rows, _NOT_FILLED).fill(admin)
    return {str(item.table): item.reason for item in filled if item.reason is not None}


def matrix_of(
    config: Config, target: Target, *, only: tuple[str, ...] = (), tell: Tell | None = None
) -> tuple[Matrix, str]:
    """The matrix of a target, and how it was made."""
    with stage(config, target, only=only) as found:
        return build(found.connection, found.manner, tell), found.words
