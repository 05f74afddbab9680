"""Forecasts the locks of every statement from the history of the files before it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from lockgate.analysis.check import check
from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config import Config
from lockgate.migration.model import Migration, Project, SqlFile
from lockgate.planning.from_file import Forecasted

_NO_RULES = frozenset({"identifier-too-long"})
"""Findings are not asked for here; one cheap rule is the least that can be selected."""


class Forecaster:
    """Replays the migrations before a file, and asks the lock facts of one server version about each statement."""

    def __init__(self, project: Project, major: int, config: Config) -> None:
        self.major = major
        self._project = project
        self._options = Options(major=major, platform=config.platform, select=_NO_RULES)

    def up(self, migration: Migration) -> Sequence[Forecasted | None]:
        """One forecast for each statement of a migration, wherever its file lies."""
        known = self._up.get(migration.forth.label)
        if known is None:
            known = self._ask([Source.from_migration(migration)], self._project.migrations)[
                migration.forth.label
            ]
        return known

    def down(self, migration: Migration) -> Sequence[Forecasted | None]:
        """One forecast for each statement of a rollback, on the schema that the migration leaves."""
        rollback = migration.rollback
        if rollback is None:
            return ()
        before = [m for m in self._project.migrations if m.version <= migration.version]
        return self._ask([_source(rollback, migration.version)], before)[rollback.label]

    @functools.cached_property
    def _up(self) -> Mapping[str, list[StatementForecast]]:
        return self._ask([Source.from_migration(migration) for migration in self._project.migrations], [])

    def _ask(
        self, sources: Sequence[Source], history: Sequence[Migration]
    ) -> Mapping[str, list[StatementForecast]]:
        report = check(sources, self._options, [Source.from_migration(migration) for migration in history])
        found: dict[str, list[StatementForecast]] = {source.file: [] for source in sources}
        for forecast in report.forecasts:
            found[forecast.file].append(forecast)
        return found


def _source(file: SqlFile, version: str) -> Source:
    return Source(file.label, file.script, version, file.directives, file.header, file.no_transaction)
