"""What must be true of every catalog after a deployment. A new check is a query file and a line in ``CHECKS``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg

from lockgate.sql import queries
from lockgate.verify.steps import Step, timed

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Check:
    """A query that returns what is wrong, as (what, advice); no row means that all is well."""

    name: str
    words: str
    supabase_only: bool = False


CHECKS: Final = (
    Check("invalid_indexes", "indexes that a failed CREATE INDEX CONCURRENTLY left behind"),
    Check("unvalidated_constraints", "constraints that were never validated"),
    Check("pending_detachments", "partitions whose detachment was not finished"),
    Check("disabled_triggers", "triggers that are switched off"),
    Check("policies_without_rls", "tables with policies where row-level security is off"),
    Check("exposed_without_rls", "tables that clients reach without row-level security", supabase_only=True),
    Check("exhausted_sequences", "sequences that have used four fifths of their numbers"),
)


def run(connection: Connection, *, supabase: bool) -> list[Step]:
    """Every check on one database, read-only. Rows are counted as what is wrong."""
    return [_run(connection, check) for check in CHECKS if supabase or not check.supabase_only]


def _run(connection: Connection, check: Check) -> Step:
    step = Step(check.name.replace("_", "-"), "catalog", rows=0)
    with timed(step):
        found = connection.execute(queries.read("lockgate.verify.checks", check.name)).fetchall()
        step.rows = len(found)
        if found:
            step.fail(f"{len(found)} {check.words}", [f"{what}: {advice}" for what, advice in found])
    return step
