"""Who stands in the way of a lock, before we ask for it and while we wait."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import class_row

from lockgate.engine.reporting import Blocker
from lockgate.redaction import redact
from lockgate.sql import queries
from lockgate.sql.identifiers import quote
from lockgate.sql.messages import Message
from lockgate.types import LockMode, RelationLock

Connection = psycopg.Connection[Any]

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_BLANKS = re.compile(r"\s+")


def without_values(query: str, width: int = 100) -> str:
    """A query as one short line, its literals replaced, so that no row's contents are shown."""
    return redact(_LITERAL.sub("…", _BLANKS.sub(" ", query)).strip())[:width]


def holders(connection: Connection, locks: Iterable[RelationLock], pid: int) -> tuple[Blocker, ...]:
    """The sessions that hold, right now, what conflicts with the locks that backend ``pid`` is going to ask for."""
    parameters = _question(locks, pid)
    if parameters is None:
        return ()
    with connection.cursor(row_factory=class_row(Blocker)) as cursor:
        cursor.execute(queries.read("lockgate.engine", "blockers"), parameters, prepare=True)
        return tuple(_masked(blocker) for blocker in cursor.fetchall())


HELD = "lockgate: somebody holds what is needed"
"""What the server complains about when it comes to :func:`forbidding` and there are holders."""


def forbidding(locks: Iterable[RelationLock], pid: int, seconds: float) -> Message | None:
    """In a round trip: lets everything after this fail when somebody has held such a lock for long (seconds)."""
    parameters = _question(locks, pid)
    return Message(_forbidding(), {**parameters, "held": HELD, "long": seconds}) if parameters else None


@functools.cache
def _forbidding() -> str:
    question = queries.read("lockgate.engine", "blockers")
    return (
        f"SELECT (%(held)s || b.pid::text)::integer FROM ({question}) AS b WHERE b.seconds > %(long)s LIMIT 1"
    )


def _question(locks: Iterable[RelationLock], pid: int) -> dict[str, Any] | None:
    wanted = [lock for lock in locks if lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE]
    if not wanted:
        return None
    return {
        "relations": [regclass_text(lock.relation) for lock in wanted],
        "modes": [
            ",".join(other.pg_name for other in LockMode if lock.mode.conflicts_with(other))
            for lock in wanted
        ],
        "pid": pid,
    }


def waited_for(connection: Connection, pid: int) -> tuple[Blocker, ...]:
    """The sessions that backend ``pid`` is waiting for."""
    with connection.cursor(row_factory=class_row(Blocker)) as cursor:
        found = cursor.execute(
            queries.read("lockgate.engine", "waiting"), {"pid": pid}, prepare=True
        ).fetchall()
    return tuple(_masked(blocker) for blocker in found)


def queued_behind(connection: Connection, pid: int) -> tuple[int, float]:
    """How many sessions wait behind backend ``pid``, and for how many seconds the first of them has."""
    row = connection.execute(queries.read("lockgate.engine", "queued"), {"pid": pid}, prepare=True).fetchone()
    return (row[0], row[1]) if row else (0, 0.0)


def regclass_text(relation: str) -> str:
    """A plain ``schema.name`` as ``to_regclass`` reads it."""
    schema, _, name = relation.rpartition(".")
    return f"{quote(schema)}.{quote(name)}" if schema else quote(name)


def _masked(blocker: Blocker) -> Blocker:
    return Blocker(
        blocker.pid,
        blocker.user,
        blocker.application,
        blocker.state,
        blocker.seconds,
        without_values(blocker.query),
        blocker.relation,
        blocker.prepared_transaction,
    )
