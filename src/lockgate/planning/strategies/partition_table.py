"""Partition a table that is in use.

A partitioned table with its first partitions stands beside it. A trigger follows every write, a backfill copies the
rows, and the two exchange their names in one short transaction, with policies, privileges, triggers, sequences,
comments and publications. Rows that no partition takes go into a default one. The primary key of a partitioned table
must hold the column that divides it: it is added where it is missing, and then no longer keeps the old key alone
unique. A foreign key can point to the table only where what it refers to holds that column, too. Until the last part
every write goes to both tables, so that going back loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from lockgate.analysis.state.names import range_var
from lockgate.planning.rebuild.parts import rebuilt
from lockgate.planning.rebuild.shape import Shape
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import Node

_MOST: Final = 400
"""More partitions than this make every query's planning slow."""


def plan(question: Question) -> Answer | None:
    """The table as a partitioned one; None for the making of any other table."""
    tree, table = question.statement.tree, question.table
    spec, elements = tree.get("partspec"), tree.get("tableElts", ())
    if spec is None or len(elements) != 1 or not _is_like_itself(question, elements[0]):
        return None
    column = spec["partParams"][0]["PartitionElem"].get("name", "")
    strategy = {"PARTITION_STRATEGY_RANGE": "RANGE", "PARTITION_STRATEGY_HASH": "HASH"}.get(
        spec["strategy"], "LIST"
    )
    options = dict(_options(tree))
    shape = Shape(
        behind=f" PARTITION BY {strategy} ({quote(column)})",
        key=(column,),
        partitions=tuple(_partitions(strategy, options)),
    )
    return rebuilt(question, f"partition-{table.name.name}", shape, _notes(question, column))


def _is_like_itself(question: Question, element: Node) -> bool:
    like = element.get("TableLikeClause", {}).get("relation")
    found = question.state.relation(*range_var(like)) if like is not None else None
    return found is not None and found.name == question.table.name


def _options(tree: Node) -> Iterator[tuple[str, str]]:
    for item in tree.get("options", ()):
        value: Node = item["DefElem"].get("arg", {})
        inner: Node = next(iter(value.values()), {})
        name = inner.get("names", [{}])[-1].get("String", {}).get("sval")
        text = inner.get("sval") or inner.get("ival") or name
        yield item["DefElem"]["defname"], str(text)


def _partitions(strategy: str, options: dict[str, str]) -> Iterator[tuple[str, str]]:
    if strategy == "HASH":
        count = min(int(options.get("parts", "4")), _MOST)
        for number in range(count):
            yield f"_{number}", f"FOR VALUES WITH (MODULUS {count}, REMAINDER {number})"
        return
    if "every" in options:
        yield from _periods(options["every"], _day(options["start"]), _day(options["end"]))
    yield "_default", "DEFAULT"


def _periods(every: str, start: date, end: date) -> Iterator[tuple[str, str]]:
    form = {"day": "_%Y_%m_%d", "month": "_%Y_%m", "year": "_%Y"}[every]
    for _ in range(_MOST):
        if start >= end:
            return
        after = _next(every, start)
        bound = f"FOR VALUES FROM ({literal(start.isoformat())}) TO ({literal(after.isoformat())})"
        yield start.strftime(form), bound
        start = after


def _next(every: str, day: date) -> date:
    if every == "day":
        return day + timedelta(days=1)
    if every == "year":
        return date(day.year + 1, 1, 1)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _day(text: str) -> date:
    """A day of ``2026-01-31``, ``2026-01`` or ``2026``; the first one of what is left out."""
    year, month, day = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    return date(year, month, day)


def _notes(question: Question, column: str) -> tuple[str, ...]:
    keys = [found for found in question.table.constraints if found.kind == "primary key"]
    if not keys or column in keys[0].columns:
        return ()
    old, new = ", ".join(keys[0].columns), ", ".join((*keys[0].columns, column))
    fails = f"({old}) alone is no longer kept unique, and ON CONFLICT ({old}) fails from the exchange on"
    return (f"the primary key becomes ({new}): {fails}",)


STRATEGY = Strategy(
    "partition-table",
    ("CreateStmt",),
    plan,
    __doc__ or "",
    "partition visits by range (at) every year from 2025 to 2027",
)
