"""Forecasts the locks of every statement from the history of the files before it."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.migration.model import Migration, Project
from lockgate.planning.from_file import Forecasted


class Forecaster:
    """Replays the migrations before a file, and asks the lock facts of one server version about each statement."""

    def __init__(self, project: Project, major: int, platform: str) -> None:
        self.major = major
        self._project = project
        self._platform = platform

    def up(self, migration: Migration) -> Sequence[Forecasted | None]:
        """One forecast for each statement of a migration."""
        return ()

    def down(self, migration: Migration) -> Sequence[Forecasted | None]:
        """One forecast for each statement of a rollback, on the schema that the migration leaves."""
        return ()
