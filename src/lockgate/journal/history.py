"""Which versions are applied: in the Supabase CLI's own table for its projects, in our schema for all others.

The Supabase table has the shape that the CLI makes (version, statements, name), may have more columns on hosted
projects, and may hold what other tools wrote: rows whose version has 8 digits because the file was named
``YYYYMMDD_HHMMSS_…`` are read as the 14 digits that were meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

from lockgate.journal import format as journal_format
from lockgate.journal.model import Applied
from lockgate.sql import queries
from lockgate.sql.messages import Message

_TIME_IN_NAME = re.compile(r"(\d{6})(?:_(.*))?\Z", re.DOTALL)


class History(Protocol):
    """The list of applied versions of one target."""

    def ensure(self, connection: psycopg.Connection[Any]) -> None:
        """Create the table where it is missing."""

    def applied(self, connection: psycopg.Connection[Any], *, statements: bool = True) -> tuple[Applied, ...]:
        """The applied versions in their order, with or without their texts; empty where there is no table."""

    def record(
        self, connection: psycopg.Connection[Any], version: str, name: str, statements: Sequence[str]
    ) -> None:
        """Say that a version is applied; part of the caller's transaction."""

    def recording(self, version: str, name: str, statements: Sequence[str]) -> tuple[Message, ...]:
        """What :meth:`record` sends, without sending it."""

    def forget(self, connection: psycopg.Connection[Any], version: str) -> None:
        """Say that a version is not applied any more; part of the caller's transaction."""

    def forgetting(self, version: str) -> tuple[Message, ...]:
        """What :meth:`forget` sends, without sending it."""


class SupabaseHistory:
    """``supabase_migrations.schema_migrations``, as the Supabase CLI reads and writes it."""

    def ensure(self, connection: psycopg.Connection[Any]) -> None:
        """Create the schema and the table as the CLI does."""
        row = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_attribute"
            " WHERE attrelid = to_regclass('supabase_migrations.schema_migrations')"
            " AND attname IN ('version', 'statements', 'name') AND NOT attisdropped"
        ).fetchone()
        if row is None or row[0] < 3:
            with connection.transaction():
                connection.execute(queries.read("lockgate.journal", "supabase_history"))

    def applied(self, connection: psycopg.Connection[Any], *, statements: bool = True) -> tuple[Applied, ...]:
        """The applied versions by version; tolerates a table without the newer columns."""
        columns = {
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_catalog.pg_attribute WHERE NOT attisdropped AND attnum > 0"
                " AND attrelid = to_regclass('supabase_migrations.schema_migrations')"
            )
        }
        if "version" not in columns:
            return ()
        name = "name" if "name" in columns else "NULL::text"
        texts = "statements" if statements and "statements" in columns else "NULL::text[]"
        rows = connection.execute(
            f"SELECT version, {name}, {texts} FROM supabase_migrations.schema_migrations"
        ).fetchall()
        return tuple(sorted((_supabase_row(*row) for row in rows), key=lambda applied: applied.version))

    def record(
        self, connection: psycopg.Connection[Any], version: str, name: str, statements: Sequence[str]
    ) -> None:
        """Insert the row that ``supabase db push`` would insert."""
        for message in self.recording(version, name, statements):
            connection.execute(*message, prepare=True)

    def recording(self, version: str, name: str, statements: Sequence[str]) -> tuple[Message, ...]:
        """What :meth:`record` sends."""
        values = {"version": version, "name": name, "statements": list(statements)}
        return (Message(queries.read("lockgate.journal", "record_supabase"), values),)

    def forget(self, connection: psycopg.Connection[Any], version: str) -> None:
        """Delete the row, in whichever spelling it stands there."""
        for message in self.forgetting(version):
            connection.execute(*message)

    def forgetting(self, version: str) -> tuple[Message, ...]:
        """What :meth:`forget` sends."""
        values = {"version": version, "time": version[8:]}
        return (Message(queries.read("lockgate.journal", "forget_supabase"), values),)


def _supabase_row(version: str, name: str | None, statements: list[str] | None) -> Applied:
    stored = tuple(statements) if statements is not None else None
    match = _TIME_IN_NAME.match(name or "") if len(version) == 8 and version.isdecimal() else None
    if match:
        return Applied(version + match[1], match[2] or "", stored, raw_version=version)
    return Applied(version, name or "", stored, raw_version=version)


class OwnHistory:
    """``lockgate.migration``, for projects that are not Supabase's."""

    def ensure(self, connection: psycopg.Connection[Any]) -> None:
        """Nothing to do: the table belongs to the journal."""

    def applied(self, connection: psycopg.Connection[Any], *, statements: bool = True) -> tuple[Applied, ...]:
        """The applied versions by version."""
        if journal_format.check(connection) is None:
            return ()
        rows = connection.execute(
            "SELECT version, name FROM lockgate.migration WHERE status IN ('applied', 'baseline', 'rolling back')"
            " ORDER BY version"
        ).fetchall()
        return tuple(Applied(version, name, None, version) for version, name in rows)

    def record(
        self, connection: psycopg.Connection[Any], version: str, name: str, statements: Sequence[str]
    ) -> None:
        """Nothing to do: the journal's row of the migration is the history."""

    def recording(self, version: str, name: str, statements: Sequence[str]) -> tuple[Message, ...]:
        """Nothing, for the same reason."""
        return ()

    def forget(self, connection: psycopg.Connection[Any], version: str) -> None:
        """Nothing to do: the journal's row of the migration is the history."""

    def forgetting(self, version: str) -> tuple[Message, ...]:
        """Nothing, for the same reason."""
        return ()


def history_for(platform: str) -> History:
    """The history of a platform: ``supabase`` or ``postgres``."""
    return SupabaseHistory() if platform == "supabase" else OwnHistory()
