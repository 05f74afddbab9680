"""The state of a database: its schema and its contents, both as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from lockgate.catalog.reading.again import Seen, see
from lockgate.catalog.scope import OWN_SCHEMA, Scope
from lockgate.catalog.snapshot import Snapshot
from lockgate.proving import checksums
from lockgate.proving.checksums import Contents

SCOPE: Final = Scope(platform=True, roles=True)
"""All that a migration may change and a rollback has to restore, policies on the platform's tables and roles too."""


@dataclass(frozen=True, slots=True)
class State:
    """Schema and contents at one moment."""

    seen: Seen
    contents: Contents

    @property
    def schema(self) -> Snapshot:
        """The schema."""
        return self.seen.snapshot

    def in_clone(self) -> State:
        """The same state as it is known in a database that was cloned from this one."""
        return replace(self, contents=self.contents.in_clone())


def observe_clone(connection: psycopg.Connection[Any], source: State) -> State:
    """The state of a fresh clone in which nothing but rows may have changed since it was made from its source."""
    hand_over_counts(connection)
    known = source.in_clone()
    contents = checksums.read(connection, excluded=(OWN_SCHEMA,), before=known.contents)
    return State(known.seen, contents)


def observe(connection: psycopg.Connection[Any], before: State | None = None) -> State:
    """The state of the database of a connection, which must be a superuser's.

    ``before`` is how it was last: what did not change since is not read again.
    """
    hand_over_counts(connection)
    seen = see(connection, SCOPE, before.seen if before else None)
    # Where more than tables changed (the label of an enum), rows may read otherwise without having been written.
    earlier = before.contents if before is not None and (not seen.whole or seen is before.seen) else None
    return State(seen, checksums.read(connection, excluded=(OWN_SCHEMA,), before=earlier))


def hand_over_counts(connection: psycopg.Connection[Any]) -> None:
    """Let the server know at once what this session has counted; its own transaction sees that anyway."""
    if connection.info.transaction_status == TransactionStatus.IDLE:
        connection.execute("SELECT pg_stat_force_next_flush()")
