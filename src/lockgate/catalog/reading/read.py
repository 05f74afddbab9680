"""Reads a snapshot from a connection."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import psycopg

from lockgate.catalog.reading.builder import Builder
from lockgate.catalog.reading.database import read_database
from lockgate.catalog.reading.dependencies import Dependencies
from lockgate.catalog.reading.fetch import Row, Rows, fetch
from lockgate.catalog.reading.others import read_others
from lockgate.catalog.reading.relations import read_relations
from lockgate.catalog.reading.routines import read_routines
from lockgate.catalog.reading.types import read_types
from lockgate.catalog.scope import Scope
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import LockgateError

ATTEMPTS: Final = 5

READERS: Final = (read_database, read_types, read_relations, read_routines, read_others)


def read(connection: psycopg.Connection[Any], scope: Scope | None = None, *, often: bool = False) -> Snapshot:
    """The schema that a connection sees; it is left as it was, also inside a transaction.

    Definitions are printed from the newest catalog, not from the snapshot that lists the objects, so an object that is
    dropped meanwhile makes the server complain: it is then read again, at most five times in all. ``often`` tells that
    the same connection, no pooler's, will be asked many times. Raises LockgateError.
    """
    with _collector_paused():
        return _read(connection, scope or Scope(), often)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Rows and objects hold no cycles; looking for some among hundreds of thousands takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(connection: psycopg.Connection[Any], scope: Scope, often: bool) -> Snapshot:
    for attempt in range(ATTEMPTS):
        try:
            context, rows = fetch(connection, scope, often=often)
            break
        except (psycopg.errors.InternalError_, psycopg.errors.UndefinedObject) as error:
            if attempt == ATTEMPTS - 1:
                raise LockgateError(
                    "the schema changes faster than it can be read",
                    state="nothing was changed",
                    why=str(error).strip(),
                    next_steps=["wait until other schema changes are done, then try again"],
                ) from error
    return assemble(context, rows)


def assemble(context: Row, rows: Rows) -> Snapshot:
    """A snapshot from the rows of all queries."""
    build = Builder(context, rows)
    for reader in READERS:
        reader(build)
    origin = f"{context['system']}/{context['database_oid']}" if context["system"] else None
    return Snapshot(
        major=context["major"],
        database=context["database"],
        user=context["user"],
        origin=origin,
        objects=MappingProxyType(dict(sorted(build.objects.items()))),
        depends=Dependencies(build),
        notes=tuple(build.notes),
    )
