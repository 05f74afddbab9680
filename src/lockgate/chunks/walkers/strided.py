"""By place in passes: pass j of k takes the rows whose key hashes to j, so that each page is met k times, much later.

What the first pass leaves dead on a page is pruned by the time of the next, which finds room there and updates in place
(HOT): less WAL, no new index entries, hardly any growth. Measured fastest of all ways where pages have free space.
"""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.keys import keys_of
from lockgate.chunks.table import Connection, Key, Table
from lockgate.chunks.walkers.pages import objection_to_places, page_ranges, place_source, slots
from lockgate.chunks.walkers.walker import Change, Judgement, Range, Source, impossible
from lockgate.sql.identifiers import quote

PASSES = 4
_FEWEST_ROWS_ON_A_PAGE = 8
_SMALLEST_SHARE = 0.1
_HASHES = {
    "uuid": "pg_catalog.uuid_hash({})",
    "text": "pg_catalog.hashtext({})",
    "bigint": "{}",
    "integer": "{}",
}


class Strided:
    """Several passes over page ranges, each for a part of the rows."""

    name: ClassVar[str] = "strided"
    summary: ClassVar[str] = f"in {PASSES} passes over page ranges"

    def judge(self, table: Table, change: Change) -> Judgement:
        """Fits an update of many rows that can be HOT."""
        keys = keys_of(table, change.columns)
        reason = objection_to_places(table, change) or _no_gain(table, change)
        if reason is None and not keys.usable:
            reason = "the table has no key by which rows could be dealt out to the passes"
        if reason:
            return impossible(self.name, reason)
        speed = 1.25 if table.fillfactor > 90 else 3.1
        reasons = (
            f"{change.share:.0%} of the rows change and no index does: {PASSES} passes leave time to prune (HOT)",
            f"fillfactor {table.fillfactor}: pages "
            + ("are full at first" if speed < 2 else "have room for new versions"),
        )
        return Judgement(self.name, speed, reasons, keys.usable[0], PASSES)

    def source(self, table: Table, judgement: Judgement, alias: str) -> Source:
        """Like page ranges, and only the rows of the pass; pass -1 (the sweep) takes all."""
        assert judgement.key is not None
        hashed = _hash(judgement.key, alias)
        condition = f" AND ($3::integer < 0 OR ({hashed} & {judgement.passes - 1}) = $3::integer)"
        return place_source(table, alias, condition)

    def ranges(
        self, connection: Connection, table: Table, judgement: Judgement, parts: int
    ) -> tuple[Range, ...]:
        """Every pass goes over all pages."""
        return page_ranges(connection, table, min(parts, 16), passes=tuple(range(judgement.passes)))

    def units(self, table: Table, judgement: Judgement, rows: int) -> int:
        """Line pointers; a chunk reads as many times more rows as there are passes."""
        return max(1, round(rows * judgement.passes * slots(table) / table.rows_per_page))


def _no_gain(table: Table, change: Change) -> str | None:
    touched = table.indexes_on(change.columns)
    if change.kind != "update":
        return "only updates gain from several passes"
    if touched:
        return f"the changed columns are in {', '.join(touched)}, so that no update can be HOT"
    if change.share < _SMALLEST_SHARE:
        return f"only {change.share:.0%} of the rows change: most of each pass would be for nothing"
    if table.rows_per_page < _FEWEST_ROWS_ON_A_PAGE:
        return f"only {table.rows_per_page:.0f} rows stand on a page: too few to deal out"
    return None


def _hash(key: Key, alias: str) -> str:
    columns = [f"{alias}.{quote(name)}" for name in key.names]
    template = _HASHES.get(key.columns[0].type) if len(columns) == 1 else None
    if template:
        return template.format(columns[0])
    return f"pg_catalog.hash_record_extended(ROW({', '.join(columns)}), 0)"
