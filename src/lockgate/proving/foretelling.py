"""Holds the locks that were measured against those that are foretold from the files alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from lockgate.analysis.check import check
from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import LockgateError
from lockgate.migration.model import Migration
from lockgate.proving.measuring import Measured
from lockgate.proving.result import Proof
from lockgate.types import RelationLock

Forecasts = Mapping[str, Sequence[StatementForecast]]
"""The forecasts of every statement, by the file's label."""

_FEWEST_RULES: Final = frozenset({"identifier-too-long"})
"""Findings are not asked for; one cheap rule is the least that can be selected."""


def foretell(
    migrations: Sequence[Migration], major: int, platform: Literal["postgres", "supabase"]
) -> Forecasts:
    """What is foretold of every migration on the schema that those before it leave; empty for unreadable files."""
    try:
        sources = [Source.from_migration(migration) for migration in migrations]
        report = check(sources, Options(major=major, platform=platform, select=_FEWEST_RULES))
    except LockgateError:
        return {}
    found: dict[str, list[StatementForecast]] = {source.file: [] for source in sources}
    for forecast in report.forecasts:
        found[forecast.file].append(forecast)
    return found


def compare(proof: Proof, forecasts: Forecasts) -> Proof:
    """The proof with what was measured and not foretold."""
    own = forecasts.get(proof.file, ())
    locks = (replace(lock, surprises=tuple(_surprises(lock.measured, own))) for lock in proof.locks)
    return replace(proof, locks=tuple(locks))


def _surprises(measured: Measured, forecasts: Sequence[StatementForecast]) -> Iterator[str]:
    """Locks that were not foretold, or stronger than foretold, up to and with this statement."""
    if measured.locks is None or measured.statement >= len(forecasts):
        return
    expected: dict[str, RelationLock] = {}
    for forecast in forecasts[: measured.statement + 1]:
        for lock in forecast.relations:
            if lock.relation not in expected or lock.mode > expected[lock.relation].mode:
                expected[lock.relation] = lock
    for lock in measured.locks:
        foretold = expected.get(lock.relation)
        if foretold is None:
            yield f"{lock.mode.pg_name} on {lock.relation} was not foretold"
        elif lock.mode > foretold.mode:
            yield f"{lock.mode.pg_name} on {lock.relation}, where {foretold.mode.pg_name} was foretold"
