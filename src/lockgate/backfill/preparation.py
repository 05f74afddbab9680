"""From a statement to a stored job: refuse, classify, choose the way to walk, and let the server plan every query."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from lockgate.backfill import inspection, triggers
from lockgate.backfill.convergence import Convergence, classify, count_query
from lockgate.backfill.inspection import Inspection
from lockgate.backfill.options import Options
from lockgate.chunks.choose import Choice, choose
from lockgate.chunks.job import JobSpec, SourceSpec
from lockgate.chunks.table import Connection, Table, Trigger, estimated_rows, read_table
from lockgate.chunks.walkers import Change, Judgement
from lockgate.errors import UnfitTargetError, UsageError
from lockgate.migration.chunked.refusals import reason_against
from lockgate.migration.chunked.statement import DataStatement, read_statement, refname
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Statement, parse_expression

RANGES_AT_MOST = 64
_ROWS_PER_RANGE = 5_000
_LOOK_MS = 1_000


@dataclass(frozen=True, slots=True)
class Preparation:
    """All that was decided about a statement before its job is stored."""

    statement: DataStatement
    inspection: Inspection
    convergence: Convergence
    choice: Choice
    triggers: tuple[Trigger, ...]
    options: Options
    share: float
    rows_estimate: int
    gives_null: bool = False

    @property
    def digest(self) -> str:
        """What identifies the statement, however often it is prepared."""
        return hashlib.sha256(self.statement.sql.encode("utf-8")).hexdigest()

    @property
    def default_name(self) -> str:
        """A name for the job when the user gives none."""
        return f"{self.statement.kind}-{self.inspection.target.name.name}-{self.digest[:8]}"

    @property
    def _key(self) -> tuple[str, ...]:
        key = self.choice.judgement.key
        return key.names if key else ()

    def explain(self) -> tuple[str, ...]:
        """In sentences: how it is walked and why, how the end is proved, what else to know."""
        proof = {
            "converges": "proved at the end by counting",
            "once": "each row exactly once, by the cursor",
        }[self.convergence.mode]
        return (*self.choice.explain(), f"{proof}: {self.convergence.reason}", *self.notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know."""
        notes = triggers.notes_on(self.triggers, self.options.triggers == "skip")
        if self.gives_null:
            notes += (
                "for some rows the expression gives NULL: they will be left over and reported (see concat_ws)",
            )
        if self.convergence.mode == "once":
            notes += (f"runs once for each row: {', '.join(self._key)} must not be changed meanwhile",)
        if self.inspection.old_snapshot_seconds > 60 and self.statement.kind == "update":
            seconds = self.inspection.old_snapshot_seconds
            held = f"somebody has held a snapshot for {seconds:.0f} s: until it is gone no dead row can be removed"
            notes += (f"{held}, hardly any update is HOT, and the table grows",)
        return notes


def _require_that_it_adds_up(statement: DataStatement, found: Inspection, connection: Connection) -> None:
    reason = reason_against(statement, found.aggregates, inspection.same_table(connection))
    if reason:
        raise UsageError(
            "This statement cannot be run in chunks.",
            state="nothing was changed",
            why=reason,
            next_steps=[
                "run it whole, without the backfill directive, or write it so that each row stands for itself"
            ],
        )


def prepare(connection: Connection, sql: str | Statement, options: Options | None = None) -> Preparation:
    """Find out everything and change nothing; raises UsageError or UnfitTargetError with the reason."""
    options = options or Options()
    statement = read_statement(sql)
    found = inspection.inspect(connection, statement)
    _require_that_it_adds_up(statement, found, connection)
    inspection.plan_whole(connection, statement)
    convergence = _settle(connection, statement, classify(statement, found.target, found.volatile))
    expected, share = _share(connection, statement, found)
    change = Change(
        kind=statement.kind,
        columns=statement.set_columns,
        share=share,
        converges=convergence.mode == "converges",
        key=options.key,
        walker=options.walker,
    )
    fired = triggers.firing(found.target, statement.kind, statement.set_columns)
    if options.triggers == "skip":
        triggers.check_skipping(connection, found.target, statement.kind, statement.set_columns)
    return Preparation(
        statement,
        found,
        convergence,
        choose(found.walked, change),
        fired,
        options,
        share,
        expected,
        gives_null=_gives_null(connection, convergence),
    )


def specify(connection: Connection, preparation: Preparation, name: str | None = None) -> JobSpec:
    """What is stored for a prepared statement; the bounds of page ranges are read here, as late as possible."""
    p = preparation
    sources = tuple(_source(connection, p, table) for table in _relations(connection, p))
    unit = p.choice.walker.units(p.inspection.walked, p.choice.judgement, 1000) / 1000
    rows, counted = p.rows_estimate, False
    if p.options.count_first and p.convergence.remaining_sql:
        rows, counted = _count(connection, p.convergence.remaining_sql), True
    return JobSpec(
        name=name or p.default_name,
        kind=p.statement.kind,
        statement=p.statement.sql,
        digest=p.digest,
        target=str(p.inspection.target.name),
        walker=p.choice.walker.name,
        passes=p.choice.judgement.passes,
        reasons=p.choice.explain(),
        mode=p.convergence.mode,
        session=_session(p),
        remaining_sql=p.convergence.remaining_sql,
        unfixable_sql=p.convergence.unfixable_sql,
        settings=replace(p.options.settings, units_per_row=unit),
        rows_estimate=rows,
        rows_counted=counted,
        notes=p.notes,
        sources=sources,
    )


def _session(p: Preparation) -> dict[str, str]:
    session = {**p.inspection.session, "lock_timeout": f"{p.options.settings.lock_timeout_ms}ms"}
    return {**session, "session_replication_role": "replica"} if p.options.triggers == "skip" else session


def _relations(connection: Connection, p: Preparation) -> list[Table]:
    """By key a partitioned table is walked as one; by place each partition is walked by itself."""
    walked = p.inspection.walked
    if walked.partitioned and p.choice.walker.name != "keyset":
        return [read_table(connection, leaf) for leaf in walked.leaves]
    return [walked]


def _source(connection: Connection, p: Preparation, table: Table) -> SourceSpec:
    known_as = p.statement.walked
    assert known_as is not None
    source = p.choice.walker.source(table, p.choice.judgement, quote(refname(known_as)))
    predicate = parse_expression(source.predicate)
    chunk = p.statement.chunked(predicate, table.name, p.convergence.extra)
    for sql, last_type in ((chunk, "integer"), (source.probe_sql, "bigint"), (source.key_sql, "integer")):
        _must_plan(connection, sql, last_type)
    parts = max(1, min(RANGES_AT_MOST, table.rows // _ROWS_PER_RANGE))
    ranges = p.choice.walker.ranges(connection, table, p.choice.judgement, parts)
    return SourceSpec(
        oid=table.oid,
        relation=table.name.sql,
        filenode=source.filenode,
        probe_sql=source.probe_sql,
        chunk_sql=chunk,
        last_sql=source.last_sql,
        key_sql=source.key_sql,
        ranges=ranges,
    )


def _must_plan(connection: Connection, sql: str, last_type: str) -> None:
    if not inspection.plans(connection, sql, "text[]", "text[]", last_type):
        raise UnfitTargetError(
            "The statement works as a whole, but not cut into chunks.",
            state="nothing was changed",
            why="the server cannot plan the statement with the condition for one chunk added",
            next_steps=["qualify its columns with the table's name or alias"],
        )


def _settle(connection: Connection, statement: DataStatement, c: Convergence) -> Convergence:
    """Drop what the server cannot plan, and make sure of what was only assumed."""
    if c.remaining_sql and not inspection.plans(connection, c.remaining_sql):
        c = replace(c, remaining_sql=None, extra=None, mode="once" if c.extra else c.mode)
    if c.unfixable_sql and not inspection.plans(connection, c.unfixable_sql):
        c = replace(c, unfixable_sql=None)
    if not c.must_check:
        return c
    if c.unfixable_sql and _count(connection, c.unfixable_sql) == 0:
        return c
    reason = "the new values depend on the old ones, and rows would still match the WHERE afterwards"
    return Convergence("once", reason)


def _gives_null(connection: Connection, convergence: Convergence) -> bool:
    """Look for a moment whether there are rows that the statement would leave in the set."""
    if convergence.unfixable_sql is None or convergence.must_check:
        return False
    query = convergence.unfixable_sql.replace("count(*)", "1", 1)
    return inspection.finds_any(connection, query, _LOOK_MS)


def _share(connection: Connection, statement: DataStatement, found: Inspection) -> tuple[int, float]:
    if statement.kind == "insert":
        return found.walked.rows, 1.0
    expected = estimated_rows(connection, count_query(statement, statement.where, "1"))
    return expected, min(1.0, expected / max(1, found.walked.rows))


def _count(connection: Connection, sql: str) -> int:
    row: Any = connection.execute(sql.encode()).fetchone()
    return int(row[0])


__all__ = ["Judgement", "Preparation", "prepare", "specify"]
