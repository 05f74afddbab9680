"""Runs the files that make the local database: plain ones quickly, all others as the engine runs them anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import psycopg

from lockgate.config import Config, Target
from lockgate.errors import LockgateError, StepFailedError
from lockgate.local.server import LocalServer
from lockgate.migration.model import Migration, Project
from lockgate.workflow import correcting
from lockgate.workflow.apply import Choice, apply
from lockgate.workflow.layers import Failed, Layer
from lockgate.workflow.plain_files import run_plain
from lockgate.workflow.target import running

if TYPE_CHECKING:
    from lockgate.workflow.layers import Tools

_CHANGES: Final = 4
"""How often to go back from the engine to the quick way: each time the engine reads the whole history again."""


@dataclass(slots=True)
class Replay:
    """One replay on one server. ``failed`` collects what does not run; None ends the replay at the first of those."""

    config: Config
    project: Project
    on: LocalServer
    tools: Tools
    failed: list[Failed] | None

    def run(self, layers: Sequence[Layer]) -> None:
        """Run some layers in their order; raises what the first failure raises, unless failures are collected."""
        if self.failed:
            self._leave_out([one.label for one in self.failed])
        for is_migration, group in groupby(layers, key=lambda layer: layer.migration is not None):
            if is_migration:
                self._migrate(list(group))
            else:
                for layer in group:
                    self._script(layer)

    @property
    def _target(self) -> Target:
        return Target("local", self.on.url, protected=False)

    def _migrate(self, layers: list[Layer]) -> None:
        reporter, _ = self.tools()
        changes = 0
        while layers:
            migrations = [layer.migration for layer in layers if layer.migration is not None]
            layers = layers[run_plain(self.config, self._target, migrations, reporter) :]
            count = len(layers) if self.failed is None and changes == _CHANGES else 1
            if layers:
                self._carefully(layers[:count])
            layers, changes = layers[count:], changes + 1

    def _carefully(self, layers: Sequence[Layer]) -> None:
        last = layers[-1].migration
        assert last is not None
        try:
            self._apply(last)
        except LockgateError as error:
            if self.failed is None:
                raise
            self._give_up(layers[-1], error)
            correcting.forget(self.config, self._target, last.version)

    def _apply(self, last: Migration) -> None:
        reporter, executors = self.tools()
        while True:
            choice = Choice(last.version)
            result = apply(
                self.config, self.project, self._target, choice, reporter=reporter, executors=executors
            )
            if result.stopped_at is None:
                return
            self._open_gate(result.stopped_at.name, result.stopped_at.text, result.next_version or "")

    def _open_gate(self, name: str, text: str, version: str) -> None:
        """Nobody waits behind a gate on a database that is being made from nothing."""
        with running(self.config, self._target, "gate open") as run:
            run.journal.open_gate(name, text, version, "lockgate local reset")

    def _script(self, layer: Layer) -> None:
        try:
            with psycopg.connect(
                self.on.url, autocommit=True, application_name="lockgate local reset"
            ) as connection:
                connection.execute(layer.text)
        except psycopg.Error as error:
            told = _script_failed(layer.label, error)
            if self.failed is None:
                raise told from error
            self._give_up(layer, told)

    def _give_up(self, layer: Layer, error: LockgateError) -> None:
        assert self.failed is not None
        why = f": {error.why}" if error.why else ""
        self.failed.append(Failed(layer.label, f"{error.message}{why}", layer.digest))
        self._leave_out([layer.label])

    def _leave_out(self, labels: Sequence[str]) -> None:
        kept = tuple(one for one in self.project.migrations if one.label not in labels)
        self.project = replace(self.project, migrations=kept)


def _script_failed(label: str, error: psycopg.Error) -> StepFailedError:
    return StepFailedError(
        f"{label} failed: {error.diag.message_primary or error}",
        state="the local database is as it was before the reset",
        why=error.diag.message_detail or error.diag.message_hint,
        next_steps=["correct the file, then lockgate local reset", "lockgate local reset --no-seed"],
    )
