"""The example's traffic: reads and writes at a fixed rate, as the application's roles, with honest latencies.

    with Load(conninfo, rate=150, workers=8) as load:
        ...change the schema...
    print(load.report())

Each operation has a time at which it is due, whether or not the ones before it are answered, and its latency counts
from then: a database that stands still for a second shows as a second for everybody who came meanwhile, not as one slow
query.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg.rows import dict_row

TRAFFIC: Final = Path(__file__).with_name("traffic")
WORDS: Final = (
    "importer",
    "prices",
    "churn",
    "roadmap",
    "permissions",
    "invoices -search",
    "mobile or search",
)
PATIENCE: Final = 20.0
"""Seconds after the end within which what is still due may be answered; after that it counts as an error."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the application does: its name is that of its file in ``traffic/``."""

    name: str
    weight: int
    writes: bool = False
    role: str | None = "authenticated"

    @property
    def sql(self) -> str:
        """The statement, with psycopg's named placeholders."""
        return (TRAFFIC / f"{self.name}.sql").read_text("utf-8")


OPERATIONS: Final = (
    Operation("open_canvas", 18),
    Operation("canvas_header", 4),
    Operation("start_page", 15),
    Operation("my_organisations", 6),
    Operation("my_profile", 10),
    Operation("list_colleagues", 6),
    Operation("latest_items", 8),
    Operation("read_comments", 8),
    Operation("activity_feed", 4),
    Operation("search_items", 1),
    Operation("move_item", 6, writes=True),
    Operation("rename_item", 2, writes=True),
    Operation("add_item", 2, writes=True),
    Operation("edit_canvas", 1, writes=True),
    Operation("add_comment", 4, writes=True),
    Operation("edit_profile", 3, writes=True),
    Operation("sign_up", 2, writes=True, role=None),  # what the auth service does
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One operation: seconds since the start when it was due, seconds until its answer, and how it failed if it did."""

    name: str
    due: float
    latency: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What the users of the application saw; latencies are seconds from when an operation was due."""

    operations: int
    seconds: float
    p50: float
    p99: float
    longest: float
    slowest: str
    errors: Mapping[str, int]

    @property
    def failed(self) -> int:
        """How many operations ended in an error."""
        return sum(self.errors.values())

    def __str__(self) -> str:
        """One line for a person."""
        rate = self.operations / self.seconds if self.seconds else 0.0
        errors = (
            ", ".join(f"{count} x {error}" for error, count in sorted(self.errors.items())) or "no errors"
        )
        return (
            f"{self.operations:,} operations ({rate:.0f}/s): p50 {self.p50 * 1e3:.1f} ms, p99 {self.p99 * 1e3:.1f} ms, "
            f"longest {self.longest * 1e3:.0f} ms ({self.slowest}), {errors}"
        )


def summarise(samples: Sequence[Sample], seconds: float) -> Report:
    """Percentiles by nearest rank over all samples, failed ones included."""
    if not samples:
        return Report(0, seconds, 0.0, 0.0, 0.0, "none", {})
    ranked = sorted(sample.latency for sample in samples)
    worst = max(samples, key=lambda sample: sample.latency)
    return Report(
        operations=len(samples),
        seconds=seconds,
        p50=_rank(ranked, 0.50),
        p99=_rank(ranked, 0.99),
        longest=worst.latency,
        slowest=worst.name,
        errors=Counter(sample.error for sample in samples if sample.error),
    )


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[math.ceil(share * len(ranked)) - 1]


class Load:
    """Traffic for as long as the ``with`` block lasts.

    ``rate`` is operations per second in all, ``workers`` the number of connections. The role of ``conninfo`` must be a
    member of ``authenticated`` and may insert into ``auth.users``, as ``postgres`` does on a hosted project. The
    database needs the example's schema and some rows. An error of an operation is counted, never raised.
    """

    def __init__(self, conninfo: str, rate: float = 100.0, workers: int = 8, *, number: int = 1) -> None:
        self._conninfo = conninfo
        self._rate = rate
        self._number = number
        self._turns = itertools.count()
        self._turn_lock = threading.Lock()
        self._samples: list[Sample] = []
        self._answered: set[int] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        self._statements = {operation: operation.sql for operation in OPERATIONS}
        self._actors: list[dict[str, Any]] = []
        self._start = 0.0
        self._end: float | None = None

    def __enter__(self) -> Self:
        with psycopg.connect(self._conninfo, row_factory=dict_row) as connection:
            self._actors = connection.execute((TRAFFIC / "actors.sql").read_text("utf-8")).fetchall()
        if not self._actors:
            raise RuntimeError("no member of an organisation has an item to work on: seed the database first")
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end = time.monotonic()
        give_up = self._end + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))
        self._record_unanswered()

    @property
    def elapsed(self) -> float:
        """Seconds since the start; it stands still after the end."""
        return (self._end or time.monotonic()) - self._start

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Everything measured so far, in order of completion."""
        return tuple(self._samples)

    def report(self, since: float = 0.0, until: float | None = None) -> Report:
        """What was due from ``since`` to ``until`` (as :attr:`elapsed` counts), by default all of it."""
        last = self.elapsed if until is None else until
        return summarise([s for s in self.samples if since <= s.due < last], last - since)

    def _work(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while (turn := self._next_turn()) is not None:
            due = self._start + turn / self._rate
            time.sleep(max(0.0, due - time.monotonic()))
            operation, values = self._choose(turn)
            error = None
            try:
                connection = connection or self._connect()
                _run(connection, operation, self._statements[operation], values)
            except psycopg.Error as failure:
                error = failure.sqlstate or type(failure).__name__
                connection = _usable(connection)
            self._samples.append(Sample(operation.name, due - self._start, time.monotonic() - due, error))
            self._answered.add(turn)
        if connection:
            connection.close()

    def _next_turn(self) -> int | None:
        with self._turn_lock:
            turn = next(self._turns)
        due = self._start + turn / self._rate
        while self._end is None and due - time.monotonic() > 0.05:
            time.sleep(0.05)
        return None if self._end is not None and due >= self._end else turn

    def _choose(self, turn: int) -> tuple[Operation, dict[str, Any]]:
        dice = random.Random(f"{self._number}/{turn}")
        operation = dice.choices(OPERATIONS, [operation.weight for operation in OPERATIONS])[0]
        return operation, {**dice.choice(self._actors), "n": turn, "word": dice.choice(WORDS)}

    def _connect(self) -> psycopg.Connection[Any]:
        # The limit that a hosted project sets for requests.
        return psycopg.connect(
            self._conninfo, autocommit=True, application_name="valuecanvas", options="-c statement_timeout=8s"
        )

    def _record_unanswered(self) -> None:
        due_turns = range(math.ceil(self.elapsed * self._rate))
        for turn in sorted(set(due_turns) - self._answered):
            due = turn / self._rate
            self._samples.append(
                Sample("unanswered", due, time.monotonic() - self._start - due, "unanswered")
            )


def _run(
    connection: psycopg.Connection[Any], operation: Operation, statement: str, values: Mapping[str, Any]
) -> None:
    with connection.pipeline(), connection.transaction():
        if operation.role:
            _act_as(connection, operation.role, str(values["user"]))
        connection.execute(statement, values)


def _act_as(connection: psycopg.Connection[Any], role: str, user: str) -> None:
    """What the API does at the beginning of each request."""
    claims = json.dumps({"sub": str(user), "role": role})
    settings = "SELECT set_config('role', %s, true), set_config('request.jwt.claims', %s, true)"
    connection.execute(settings, (role, claims))


def _usable(connection: psycopg.Connection[Any] | None) -> psycopg.Connection[Any] | None:
    if connection and (connection.closed or connection.broken):
        time.sleep(0.05)
        return None
    return connection


def main() -> int:
    """The command line: traffic for a while, then the report."""
    parser = argparse.ArgumentParser(description="Traffic for the example's database.")
    parser.add_argument("conninfo", help="connection string of the seeded database")
    parser.add_argument("--rate", type=float, default=100.0, help="operations per second")
    parser.add_argument("--workers", type=int, default=8, help="connections")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long")
    options = parser.parse_args()
    with Load(options.conninfo, options.rate, options.workers) as load:
        time.sleep(options.seconds)
    print(load.report())
    return 1 if load.report().failed else 0


if __name__ == "__main__":
    sys.exit(main())
