"""Runs a backfill inside the database by pg_cron, with no process outside."""

from __future__ import annotations

import psycopg

from lockgate.chunks.job import Job
from lockgate.chunks.table import Connection
from lockgate.errors import UnfitTargetError, UsageError

RUN_SECONDS = 55
"""How long one call works; pg_cron begins the next one with the minute."""


def schedule(connection: Connection, job: Job, workers: int = 1) -> tuple[str, ...]:
    """Let pg_cron work on a job every minute until it has ended; returns the names of its cron jobs.

    Raises UnfitTargetError where there is no pg_cron in this database or the role may not use it.
    """
    if job.kind == "function":
        raise UsageError(
            "A backfill in Python cannot run inside the database.",
            state="nothing was changed",
            next_steps=[f"lockgate backfill work {job.name}"],
        )
    _require_cron(connection)
    names = tuple(_cron_name(job, number) for number in range(1, workers + 1))
    try:
        for name in names:
            connection.execute(
                "SELECT cron.schedule(%s, '* * * * *', %s)",
                [name, f"CALL lockgate.backfill_run({job.id}, {RUN_SECONDS})"],
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnfitTargetError(
            "This role may not use pg_cron.",
            state="nothing was changed",
            next_steps=["GRANT USAGE ON SCHEMA cron to the role"],
        ) from error
    return names


def unschedule(connection: Connection, job: Job) -> int:
    """Take a job out of pg_cron's schedule; a call that is at work ends by itself within a minute."""
    if not installed(connection):
        return 0
    return connection.execute(
        "SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE %s",
        [f"lockgate-backfill-{job.id}-%"],
    ).rowcount


def installed(connection: Connection) -> bool:
    """Whether pg_cron lives in this database."""
    row = connection.execute("SELECT to_regclass('cron.job') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _require_cron(connection: Connection) -> None:
    if installed(connection):
        return
    row = connection.execute("SELECT current_setting('cron.database_name', true)").fetchone()
    home = row[0] if row else None
    raise UnfitTargetError(
        "pg_cron is not installed in this database.",
        state="nothing was changed",
        why=f"pg_cron of this server lives in the database {home}"
        if home
        else "the server has not loaded pg_cron",
        next_steps=[
            "CREATE EXTENSION pg_cron;      (on Supabase: Database, Extensions, pg_cron)",
            "or work from outside: lockgate backfill work NAME",
        ],
    )


def _cron_name(job: Job, number: int) -> str:
    return f"lockgate-backfill-{job.id}-{number}"
