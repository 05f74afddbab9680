"""By key: each chunk is the next rows in the order of a unique key, found with one probe into its index."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.keys import keys_of
from lockgate.chunks.table import Connection, Key, Table
from lockgate.chunks.walkers.walker import Change, Judgement, Range, Source, impossible
from lockgate.sql.identifiers import quote

_SAMPLES_PER_PART = 30


class Keyset:
    """Walk in the order of a unique key; rows keep their key, so nothing is met twice or missed."""

    name: ClassVar[str] = "keyset"
    summary: ClassVar[str] = "by key"

    def judge(self, table: Table, change: Change) -> Judgement:
        """Fits whenever there is a key; fastest when the key is random and the update can be HOT."""
        keys = keys_of(table, change.columns)
        wanted = [key for key in keys.usable if not change.key or key.names == change.key]
        if not wanted:
            return impossible(self.name, _why_no_key(keys.refused, change.key))
        key = min(wanted, key=lambda k: (not k.is_primary, k.correlated, len(k.columns)))
        speed, reason = _speed(table, change, key)
        return Judgement(self.name, speed, (_describe(key), reason), key)

    def source(self, table: Table, judgement: Judgement, alias: str) -> Source:
        """Probe, bounds and predicate on the key's columns."""
        key = _key(judgement)
        relation = table.name.sql
        own = _columns(key, "k")
        order = ", ".join(own)
        texts = _texts(key, "k")
        inside = _predicate(key, "k")
        return Source(
            oid=table.oid,
            relation=relation,
            filenode=None,
            predicate=_predicate(key, alias),
            probe_sql=f"SELECT {texts}, $3::bigint FROM {relation} AS k WHERE {inside} ORDER BY {order}"
            " OFFSET $3::bigint - 1 LIMIT 1",
            last_sql=f"SELECT {texts}, {_rows_of(table)} FROM {relation} AS k"
            f" ORDER BY {', '.join(f'{column} DESC' for column in own)} LIMIT 1",
            key_sql=f"SELECT {texts} FROM {relation} AS k WHERE {inside} LIMIT 1",
        )

    def ranges(
        self, connection: Connection, table: Table, judgement: Judgement, parts: int
    ) -> tuple[Range, ...]:
        """Cut at quantiles of a sample, so that skewed keys still give even parts."""
        source = self.source(table, judgement, "k")
        last = connection.execute(source.last_sql.encode()).fetchone()
        if last is None:
            return ()
        cuts = [key for key in self._cuts(connection, table, _key(judgement), parts) if key != last[0]]
        units = table.rows // (len(cuts) + 1)
        starts: list[list[str] | None] = [None, *cuts]
        return tuple(Range(start, end, 0, units) for start, end in zip(starts, [*cuts, last[0]], strict=True))

    def units(self, table: Table, judgement: Judgement, rows: int) -> int:
        """The unit is a row."""
        return max(1, rows)

    def _cuts(self, connection: Connection, table: Table, key: Key, parts: int) -> list[list[str]]:
        if parts <= 1 or table.rows < 2:
            return []
        percent = min(100.0, 100.0 * parts * _SAMPLES_PER_PART / table.rows)
        method = "BERNOULLI" if table.rows < 200_000 else "SYSTEM"
        order = ", ".join(_columns(key, "k"))
        rows = connection.execute(
            f"WITH part AS (SELECT {_texts(key, 'k')} AS key, ntile({parts}) OVER w AS number,"
            f" row_number() OVER w AS place FROM {table.name.sql} AS k"
            f" TABLESAMPLE {method} ({percent:.6f}) WINDOW w AS (ORDER BY {order}))"
            f" SELECT DISTINCT ON (number) key FROM part WHERE number < {parts} ORDER BY number, place DESC".encode()
        ).fetchall()
        return [row[0] for row in rows]


def _key(judgement: Judgement) -> Key:
    assert judgement.key is not None
    return judgement.key


def _columns(key: Key, alias: str) -> list[str]:
    return [f"{alias}.{quote(name)}" for name in key.names]


def _texts(key: Key, alias: str) -> str:
    return f"ARRAY[{', '.join(f'{column}::text' for column in _columns(key, alias))}]"


def _predicate(key: Key, alias: str) -> str:
    columns = _row(_columns(key, alias))
    low, high = (
        _row([f"(($%d::text[])[{i}])::{c.type}" % parameter for i, c in enumerate(key.columns, 1)])
        for parameter in (1, 2)
    )
    return f"($1::text[] IS NULL OR {columns} > {low}) AND {columns} <= {high}"


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _rows_of(table: Table) -> str:
    return f"greatest(0, (SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = {table.oid}))"


def _describe(key: Key) -> str:
    what = "the primary key" if key.is_primary else f"the unique index {key.index}"
    return f"{what} ({', '.join(key.names)}) is unique and never NULL"


def _speed(table: Table, change: Change, key: Key) -> tuple[float, str]:
    """Rows per second relative to one statement, as measured on 2 million rows (see docs/explanation/backfills.md)."""
    if change.kind != "update":
        return 1.0, "each row is met once, in the order of the key"
    if table.indexes_on(change.columns):
        return 0.9, "the changed columns are indexed, so that no update can be HOT"
    if key.correlated:
        return 1.0, f"the order of {key.names[0]} is that of the disk: pages fill before they can be pruned"
    why = f"{key.names[0]} is random: each page is met again later, when its dead rows can be pruned (HOT)"
    if not table.cached:
        return 1.1, f"{why}, but the table is too large for the cache to be read in that order"
    return 1.4, why


def _why_no_key(refused: tuple[tuple[str, str], ...], wanted: tuple[str, ...]) -> str:
    if wanted:
        return f"({', '.join(wanted)}) is no unique key of the table that could be walked"
    if not refused:
        return "the table has no unique key"
    return "no unique key will do: " + "; ".join(f"{name}: {reason}" for name, reason in refused)
