"""Counts again, at any time, what a backfill has left and whether its values still are what its expressions give."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lockgate.backfill.convergence import differing_query
from lockgate.backfill.inspection import inspect
from lockgate.chunks.job import Job, get_job
from lockgate.chunks.table import Connection
from lockgate.migration.chunked.statement import read_statement


@dataclass(frozen=True, slots=True)
class Check:
    """``remaining`` rows are to be done, ``differing`` have other values than the expressions give; None: unknown."""

    remaining: int | None
    differing: int | None

    def to_json(self) -> dict[str, int | None]:
        """The counts as the machine output has them."""
        return asdict(self)


def check_values(connection: Connection, name: str) -> Check:
    """Count both, reading the table once or twice; raises UsageError when there is no such backfill."""
    job = get_job(connection, name)
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        for setting, value in job.session.items():
            connection.execute("SELECT set_config(%s, %s, true)", [setting, value])
        return Check(_count(connection, job.remaining_sql), _count(connection, _differing(connection, job)))


def _differing(connection: Connection, job: Job) -> str | None:
    if job.kind != "update":
        return None
    statement = read_statement(job.statement)
    found = inspect(connection, statement)
    return differing_query(statement, found.target, found.volatile)


def _count(connection: Connection, sql: str | None) -> int | None:
    row = connection.execute(sql.encode()).fetchone() if sql else None
    return int(row[0]) if row else None
