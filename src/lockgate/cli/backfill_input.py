"""What ``lockgate backfill`` reads from its command line and from files, and the connections that it opens."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from lockgate.chunks.failures import describe
from lockgate.cli.frame import Workplace
from lockgate.errors import InterruptedRunError, LockgateError, UsageError

if TYPE_CHECKING:
    from lockgate.backfill.options import Options
    from lockgate.chunks.table import Connection
    from lockgate.config import Config


def options_of(config: Config, statement: str, given: dict[str, Any]) -> Options:
    """Those of the command line over those of the directive over the project's; raises UsageError."""
    from lockgate.backfill.options import options_from_directive, options_of_project
    from lockgate.config.sections import Backfill

    options = options_from_directive(_directive_of(statement), options_of_project(config.section(Backfill)))
    text = {name: given[name] for name in ("batch", "key", "walk", "triggers", "workers", "left")}
    options = options_from_directive([(k, str(v)) for k, v in text.items() if v is not None], options)
    settings = replace(options.settings, **changes_of(given, options.settings.limits))
    return replace(options, settings=settings, count_first=given["count"])


def changes_of(given: dict[str, Any], limits: dict[str, float]) -> dict[str, Any]:
    """The settings that the options for gentleness name; raises UsageError."""
    from lockgate.backfill.options import limit, milliseconds
    from lockgate.chunks.throttle import Throttle

    Throttle(given["ignore_signal"])
    changes: dict[str, Any] = {}
    if given["rate"] is not None:
        changes["rows_per_second"] = given["rate"] or None
    if given["chunk_time"]:
        changes["target_ms"] = milliseconds(given["chunk_time"])
    if given["chunk_pause"]:
        changes["pause_ms"] = milliseconds(given["chunk_pause"])
    if given["quiet_hours"]:
        changes["quiet"] = None if given["quiet_hours"] == "none" else given["quiet_hours"]
    if given["ignore_signal"]:
        changes["ignored_signals"] = tuple(given["ignore_signal"])
    if given["limit"]:
        changes["limits"] = {**limits, **dict(limit(text) for text in given["limit"])}
    return changes


def read_sql(statement: str) -> str:
    """The SQL itself, or the one statement of a file."""
    from lockgate.sql.parse import parse

    path = Path(statement)
    if not statement.endswith(".sql"):
        return statement
    if not path.is_file():
        raise UsageError(f"There is no file {statement}.")
    found = parse(path.read_text("utf-8")).statements
    if len(found) != 1:
        raise UsageError(
            f"{statement} holds {len(found)} statements; a backfill is one.",
            next_steps=["put it into a file of its own, or apply the whole file: lockgate apply"],
        )
    return found[0].sql


def _directive_of(statement: str) -> tuple[tuple[str, str], ...]:
    from lockgate.migration.directives import Backfill, parse_directives
    from lockgate.sql.parse import parse

    is_file = statement.endswith(".sql") and Path(statement).is_file()
    text = Path(statement).read_text("utf-8") if is_file else statement
    directives = parse_directives(parse(text), statement if is_file else "the statement")
    for error in directives.errors:
        raise error
    found = directives.first(Backfill)
    return found.options if found else ()


class Connected:
    """Opens the target: a connection for questions, and what opens further ones."""

    def __init__(self, place: Workplace, target: str | None, *, reading: bool = False) -> None:
        from lockgate.workflow.target import conninfo_of

        self._reading = reading
        self._conninfo = conninfo_of(place.config, place.target(target))
        self._connection: Connection | None = None

    def __enter__(self) -> tuple[Callable[[], Connection], Connection]:
        from lockgate.journal import format as journal_format

        self._connection = self._connect()
        if not self._reading:
            journal_format.ensure(self._connection)
        return self._connect, self._connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._connection is not None:
            self._connection.close()
        if isinstance(error, psycopg.Error):
            raise LockgateError(
                f"The server refused: {describe(error)}.",
                state="every committed chunk stays; nothing is half-written",
                why=error.diag.message_primary if (error.sqlstate or "").startswith("42") else None,
                next_steps=["lockgate backfill status"],
            ) from error

    def _connect(self) -> Connection:
        from lockgate.engine import connecting

        connection = connecting.connect(self._conninfo)
        connection.autocommit = True
        return connection


class UntilInterrupted:
    """Ctrl-C and SIGTERM end the work behind the running chunk; a second one ends it at once."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> threading.Event:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self._stopped

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: object) -> None:
        if self._stopped.is_set():
            raise InterruptedRunError("Stopped at once.", state="the running chunk was rolled back")
        self._stopped.set()
