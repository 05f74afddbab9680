"""What is known of a target while a change is designed: its schema, what is applied there, its statistics.

Either the target is asked now, or a statistics file speaks for it; then the schema is that of the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from lockgate.analysis.check import replayed
from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.impact.assess import Impact, Work, assess
from lockgate.analysis.impact.traffic import locks_of_query
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.analysis.state.live import live_source
from lockgate.catalog import Scope
from lockgate.catalog import read as read_catalog
from lockgate.catalog.statistics.model import QueryStatistics, Statistics
from lockgate.catalog.statistics.read import Counted
from lockgate.catalog.statistics.read import read as read_statistics
from lockgate.config import Config, Target
from lockgate.migration.model import Migration
from lockgate.planning.plan import LockPolicy, Plan, StepKind
from lockgate.sql.identifiers import quote
from lockgate.workflow.statistics_file import read_file
from lockgate.workflow.target import reading

SAMPLE_SECONDS: Final = 1.0
"""How long the counters are watched, and how long the calibration may take, when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says: the target to ask now, or the file that speaks for one; ``measure`` calibrates."""

    target: str | None = None
    file: Path | None = None
    measure: bool = True
    seconds: float = SAMPLE_SECONDS


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a target.

    ``live`` is its schema as the first file of a history, None when only a file speaks for it. ``applied`` are the
    versions of its history: what they made is part of ``live``.
    """

    statistics: Statistics
    live: Source | None = None
    applied: frozenset[str] = frozenset()

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.statistics.server.major

    @property
    def session(self) -> Mapping[str, str]:
        """What a session of the live target begins with, where it decides what a statement does."""
        settings = self.statistics.server.settings if self.live is not None else {}
        return {name.lower(): settings[name] for name in ("TimeZone", "search_path") if name in settings}

    def is_applied(self, migration: Migration) -> bool:
        """Whether the live schema holds what a migration of the project made."""
        return self.live is not None and migration.version in self.applied

    def before(self, earlier: Iterable[Migration]) -> list[Source]:
        """The history of a pending migration: the schema as it is, then the pending migrations before it."""
        pending = [Source.from_migration(found) for found in earlier if not self.is_applied(found)]
        return [self.live, *pending] if self.live is not None else pending

    def to_json(self) -> dict[str, Any]:
        """What reports say of where their impact comes from."""
        statistics = self.statistics
        return {
            "name": statistics.target,
            "live": self.live is not None,
            "taken_at": statistics.taken_at,
            "server_version": statistics.server.version_num,
            "calibrated": statistics.calibration is not None,
            "counts_queries": statistics.counts_queries,
            "remarks": list(statistics.remarks),
        }


def learn(config: Config, asked: Asked) -> Knowledge:
    """Read the statistics file, or ask the target; raises ConfigError, UsageError, ConnectionFailedError."""
    if asked.file is not None:
        return Knowledge(read_file(asked.file))
    from lockgate.config import resolve_target

    return ask(config, resolve_target(config, asked.target or "local"), asked)


def ask(config: Config, target: Target, asked: Asked) -> Knowledge:
    """Read schema, history and statistics of a target; nothing of the user's is locked or changed."""
    with reading(config, target) as opened:
        snapshot = read_catalog(opened.connection, Scope(platform=True, members=True))
        applied = frozenset(entry.version for entry in opened.history.applied(opened.connection))
        statistics, counted = read_statistics(
            opened.connection, target.name, seconds=asked.seconds, measure=asked.measure
        )
    live = live_source(snapshot, f"the schema of {target.name}")
    options = Options(major=statistics.server.major, platform=config.platform)
    return Knowledge(replace(statistics, queries=_queries(counted, live, statistics, options)), live, applied)


def _queries(
    counted: Sequence[Counted], live: Source, statistics: Statistics, options: Options
) -> tuple[QueryStatistics, ...]:
    """The counted statements that touch a relation; their texts end here."""
    if not counted:
        return ()
    path = Source.from_text(f"SET search_path = {_search_path(statistics)}")
    state = replayed([live, path], options)
    found = (
        QueryStatistics(
            query.id, query.calls, locks_of_query(query.text, state, options.major), query.mean_seconds
        )
        for query in counted
    )
    return tuple(query for query in found if query.locks)


def _search_path(statistics: Statistics) -> str:
    """The search path of the database, then every other schema: a role of its own may have a path of its own."""
    said = [part.strip() for part in statistics.server.settings.get("search_path", "").split(",")]
    schemas = dict.fromkeys(quote(table.name.partition(".")[0]) for table in statistics.tables)
    return ", ".join(dict.fromkeys([*(part for part in said if part), *schemas])) or "public"


def impact_of_plan(
    plan: Plan, forecasts: Sequence[StatementForecast | None], statistics: Statistics
) -> tuple[Impact, ...]:
    """The impact of each step of a plan, in order."""
    works = []
    for step in plan.steps:
        known = [forecasts[number] for number in step.statements if number < len(forecasts)]
        first = next((found for found in known if found is not None), None)
        works.append(
            Work(
                kind=first.kind if first else "",
                relations=step.locks,
                attached=first.attached if first else (),
                transaction=step.transaction,
                patient=step.lock_policy is LockPolicy.PATIENT,
                in_chunks=step.kind is StepKind.BACKFILL,
                made_here=first.made_here if first else (),
                row_triggers=first.row_triggers if first else (),
            )
        )
    return assess(works, statistics)
