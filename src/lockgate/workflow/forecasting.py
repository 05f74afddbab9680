"""Forecasts the locks of every statement from the history of the files before it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.foretelling import Forecasts, foretell
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config import Config
from lockgate.migration.model import Migration, Project

if TYPE_CHECKING:
    from lockgate.workflow.knowledge import Knowledge


class Forecaster:
    """Replays the migrations before a file, and asks the lock facts of one server version about each statement.

    With ``knowledge`` of a live target, what is pending there is judged by its real schema instead.
    """

    def __init__(
        self, project: Project, major: int, config: Config, knowledge: Knowledge | None = None
    ) -> None:
        self.major = major
        self._project = project
        self._knowledge = knowledge
        session = knowledge.session if knowledge is not None else {}
        self._options = Options(major=major, platform=config.platform, session=session)

    def up(self, migration: Migration) -> Sequence[StatementForecast]:
        """One forecast for each statement of a migration, wherever its file lies."""
        known = self._up.get(migration.forth.label)
        if known is None:
            history = self._before(self._project.migrations)
            known = self._ask([Source.from_migration(migration)], history)[migration.forth.label]
        return known

    def down(self, migration: Migration) -> Sequence[StatementForecast]:
        """One forecast for each statement of a rollback, on the schema that the migration leaves."""
        rollback = migration.rollback
        if rollback is None:
            return ()
        before = [m for m in self._project.migrations if m.version <= migration.version]
        history = _sources(before) if self._is_applied(migration) else self._before(before)
        return self._ask([Source.from_file(rollback, migration.version)], history)[rollback.label]

    @functools.cached_property
    def _up(self) -> Forecasts:
        migrations = self._project.migrations
        applied = [m for m in migrations if self._is_applied(m)]
        pending = [m for m in migrations if not self._is_applied(m)]
        return {**self._ask(_sources(applied), []), **self._ask(_sources(pending), self._before(applied))}

    def _is_applied(self, migration: Migration) -> bool:
        return self._knowledge is not None and self._knowledge.is_applied(migration)

    def _before(self, earlier: Sequence[Migration]) -> list[Source]:
        """What a file meets that comes after some migrations."""
        return self._knowledge.before(earlier) if self._knowledge is not None else _sources(earlier)

    def _ask(self, sources: Sequence[Source], history: Sequence[Source]) -> Forecasts:
        return foretell(sources, self._options, history)


def _sources(migrations: Sequence[Migration]) -> list[Source]:
    return [Source.from_migration(migration) for migration in migrations]
