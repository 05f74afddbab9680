"""By place: each chunk is a run of pages of the heap, for tables without a key."""

from __future__ import annotations

import itertools
from typing import ClassVar

from lockgate.chunks.table import Connection, Table
from lockgate.chunks.walkers.walker import Change, Judgement, Range, Source, impossible

FROM_PLACE = "coalesce(($1::text[])[1], '(0,0)')::tid"
TO_PLACE = "(($2::text[])[1])::tid"


class Pages:
    """Walk the heap page by page. An update moves its row, so a row may be met twice or missed; the sweep finds it."""

    name: ClassVar[str] = "pages"
    summary: ClassVar[str] = "by page ranges"

    def judge(self, table: Table, change: Change) -> Judgement:
        """Fits every statement that does no harm when a row is met twice; slow for updates, as none is HOT."""
        reason = objection_to_places(table, change)
        if reason:
            return impossible(self.name, reason)
        if change.kind == "update":
            return Judgement(
                self.name, 0.8, ("pages fill before their dead rows can be pruned, so no update is HOT",)
            )
        return Judgement(self.name, 0.95, ("the heap is read in the order of the disk",))

    def source(self, table: Table, judgement: Judgement, alias: str) -> Source:
        """Bounds are tuple ids; the probe is arithmetic."""
        return place_source(table, alias, "")

    def ranges(
        self, connection: Connection, table: Table, judgement: Judgement, parts: int
    ) -> tuple[Range, ...]:
        """Cut the pages that are there now into even parts."""
        return page_ranges(connection, table, parts, passes=(-1,))

    def units(self, table: Table, judgement: Judgement, rows: int) -> int:
        """The unit is a line pointer: a fixed number of them stands for one page."""
        return max(1, round(rows * slots(table) / table.rows_per_page))


def objection_to_places(table: Table, change: Change) -> str | None:
    """Why rows must not be looked up by their place, or None."""
    if change.key:
        return "a key was asked for"
    if not change.converges:
        return "rows move when they are updated, and this statement must change each row exactly once"
    if table.partitioned and not table.leaves:
        return "the table has no partitions"
    return None


def slots(table: Table) -> int:
    """Line pointers that are counted for one page, as ``lockgate.backfill_slots()`` counts them."""
    return table.block_size // 28 + 1


def place_source(table: Table, alias: str, condition: str) -> Source:
    """The SQL of a walk by place; ``condition`` (with its AND) narrows the rows of each chunk down."""
    relation = table.name.sql
    inside = f"k.ctid > {FROM_PLACE} AND k.ctid <= {TO_PLACE}"
    size = f"pg_catalog.pg_relation_size({table.oid}::oid::regclass) / {table.block_size}"
    return Source(
        oid=table.oid,
        relation=relation,
        filenode=table.filenode,
        predicate=f"{alias}.ctid > {FROM_PLACE} AND {alias}.ctid <= {TO_PLACE}{condition}",
        probe_sql="SELECT p.upto, p.units FROM lockgate.backfill_next_place($1, $2, $3) AS p",
        last_sql=f"SELECT ARRAY[format('(%s,0)', {size})], {size} * {slots(table)} WHERE {size} > 0",
        key_sql=f"SELECT ARRAY[k.ctid::text] FROM {relation} AS k WHERE {inside} LIMIT 1",
    )


def page_ranges(
    connection: Connection, table: Table, parts: int, passes: tuple[int, ...]
) -> tuple[Range, ...]:
    """Even runs of pages for each pass, over the pages that there are at this moment."""
    row = connection.execute("SELECT pg_relation_size(%s::oid::regclass)", [table.oid]).fetchone()
    pages = (row[0] if row else 0) // table.block_size
    parts = max(1, min(parts, pages // 16))
    cuts = sorted({pages * number // parts for number in range(parts + 1)})
    return tuple(
        Range([f"({start},0)"], [f"({end},0)"], number, (end - start) * slots(table))
        for number in passes
        for start, end in itertools.pairwise(cuts)
    )
