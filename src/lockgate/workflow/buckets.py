"""Storage buckets: rows by nature, part of the schema by meaning, since policies and applications name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from lockgate.sql import queries
from lockgate.sql.identifiers import literal

Settings = tuple[tuple[str, str | None], ...]
"""The settings of a bucket as they are written: name, public, file_size_limit, allowed_mime_types."""


@dataclass(frozen=True, slots=True)
class BucketDifference:
    """How one bucket differs, seen from wanted to found; ``sql`` makes it as wanted, None where only a person may."""

    id: str
    message: str
    sql: str | None

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {"bucket": self.id, "message": self.message}


def read_buckets(connection: psycopg.Connection[Any]) -> dict[str, Settings]:
    """The buckets of a database by id; none where there is no storage."""
    row = connection.execute("SELECT to_regclass('storage.buckets') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return {}
    cursor = connection.execute(queries.read("lockgate.workflow", "buckets").encode())
    columns = [column.name for column in cursor.description or ()][1:]
    return {one[0]: tuple(zip(columns, one[1:], strict=True)) for one in cursor}


def insertion(bucket: str, settings: Settings) -> str:
    """The INSERT of a bucket, which leaves one that is there as it is."""
    given = [(name, value) for name, value in settings if value is not None]
    columns = ", ".join(("id", *(name for name, _ in given)))
    values = ", ".join((literal(bucket), *(literal(value) for _, value in given)))
    return f"INSERT INTO storage.buckets ({columns}) VALUES ({values}) ON CONFLICT (id) DO NOTHING"


def compare_buckets(
    wanted: Mapping[str, Settings], found: Mapping[str, Settings]
) -> tuple[BucketDifference, ...]:
    """How the buckets of one database differ from those of another."""
    return tuple(
        difference
        for bucket in sorted(wanted.keys() | found.keys())
        for difference in _differences(bucket, wanted.get(bucket), found.get(bucket))
    )


def _differences(bucket: str, wanted: Settings | None, found: Settings | None) -> Iterator[BucketDifference]:
    if wanted == found:
        return
    if found is None:
        assert wanted is not None
        yield BucketDifference(bucket, f"bucket {bucket} is gone", insertion(bucket, wanted))
    elif wanted is None:
        # The storage service deletes buckets; a DELETE would leave its files behind and is refused.
        yield BucketDifference(bucket, f"bucket {bucket} is new", None)
    else:
        now = dict(found)
        changed = [(name, value) for name, value in wanted if now.get(name) != value]
        words = ", ".join(f"{name} {_shown(value)} → {_shown(now.get(name))}" for name, value in changed)
        assigned = ", ".join(f"{name} = {'NULL' if v is None else literal(v)}" for name, v in changed)
        sql = f"UPDATE storage.buckets SET {assigned} WHERE id = {literal(bucket)}"
        yield BucketDifference(bucket, f"bucket {bucket}: {words}", sql)


def _shown(value: str | None) -> str:
    return "(none)" if value is None else value
