"""What outlives the journal: a note about the last run that stands outside of it, and what that run left behind.

The note is a large object with a number of its own. It belongs to no schema, so no comparison of schemas sees it, it
goes when the database goes, and it stays when somebody drops or restores the journal, or the project's own schemas.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import psycopg

from lockgate.catalog.scope import OWN_SCHEMA, SUPABASE_SCHEMAS
from lockgate.sql import queries

NOTE: Final = 1819895668
"""The number of the large object: ``lkgt`` as four bytes."""


@dataclass(frozen=True, slots=True)
class Note:
    """The last run as the note has it: its token, when it ended, the newest applied version and how many there are."""

    token: int
    ended_at: str
    newest: str
    applied: int


@dataclass(frozen=True, slots=True)
class Left:
    """The last run as the journal has it, with what it left behind: the server, and the inventory of its objects."""

    ended_at: datetime
    system_identifier: str | None
    timeline: int | None
    inventory: str
    newest: str | None


@dataclass(frozen=True, slots=True)
class Witness:
    """What there is to compare with: the note, the journal's token (None without a journal), what the last run left."""

    note: Note | None = None
    token: int | None = None
    left: Left | None = None

    @property
    def is_ahead(self) -> bool:
        """Whether the note knows of a later run than the journal: the journal was lost, or is an older one."""
        return self.note is not None and self.note.token > (self.token or 0)


def read(connection: psycopg.Connection[Any]) -> Witness:
    """What the last run has left; empty where this role may not read it."""
    try:
        content, has_journal, has_inventory = _row(connection, _query("witness_read"), {"note": NOTE})
    except psycopg.errors.InsufficientPrivilege:
        return Witness()
    note = _note(content)
    if not has_journal:
        return Witness(note)
    if not has_inventory:
        return Witness(note, _row(connection, "SELECT max(token) FROM lockgate.lease")[0])
    token, *left = _row(connection, _query("witness_run"))
    return Witness(note, token, Left(*left) if left[0] else None)


def inventory(connection: psycopg.Connection[Any]) -> str:
    """A digest of the names and shapes of all objects; about 60 ms for 2,000 tables."""
    return str(_row(connection, _query("inventory"), {"without": [OWN_SCHEMA, *SUPABASE_SCHEMAS]})[0])


def leave(
    connection: psycopg.Connection[Any], run_id: uuid.UUID, token: int, timeline: int | None, newest: str
) -> None:
    """Write down in the journal what a run leaves behind; nothing when another run holds the lease by now."""
    connection.execute(
        "UPDATE lockgate.run SET timeline = %s, inventory = %s, newest = %s"
        " WHERE id = %s AND EXISTS (SELECT FROM lockgate.lease WHERE token = %s)",
        [timeline, inventory(connection), newest, run_id, token],
    )


def note(connection: psycopg.Connection[Any], token: int, newest: str, applied: int) -> None:
    """Write the note, after the journal: one that is older than it says nothing, and a newer one stops the next run."""
    connection.execute(
        _query("witness_write"), {"note": NOTE, "token": token, "newest": newest, "applied": applied}
    )


def _query(name: str) -> str:
    return queries.read("lockgate.journal", name)


def _row(
    connection: psycopg.Connection[Any], sql: str, parameters: dict[str, Any] | None = None
) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(sql, parameters).fetchone()
    assert row is not None
    return row


def _note(content: bytes | None) -> Note | None:
    """The note, where it is one: a stranger's object with the same number says nothing, and is left as it is."""
    try:
        values = json.loads(bytes(content or b"null"))
        return Note(**{field.name: values[field.name] for field in fields(Note)})
    except (ValueError, TypeError, KeyError):
        return None
