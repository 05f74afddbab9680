"""Step 4: make the local database anew from the project's files, running only what changed since the last time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

import lockgate
from lockgate.config import Config, Target
from lockgate.errors import StepFailedError
from lockgate.local import server, templates
from lockgate.local.server import LocalServer, Place
from lockgate.migration.model import Migration, Project

if TYPE_CHECKING:
    from lockgate.engine.executors import Executors
    from lockgate.engine.reporting import Reporter


Tools = Callable[[], "tuple[Reporter | None, Executors | None]"]
"""Gives what a run tells its news to, and the executors of the features."""


def _no_tools() -> tuple[Reporter | None, Executors | None]:
    return None, None


@dataclass(frozen=True, slots=True)
class Layer:
    """One file that makes the local database what it is: a migration, or a script such as the seed."""

    label: str
    digest: str
    migration: Migration | None = None
    script: Path | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a reset did, and the server it did it on; ``restarted`` when the data directory was made anew."""

    server: LocalServer
    reset: templates.Reset
    layers: tuple[Layer, ...]
    restarted: bool


def layers_of(
    config: Config, project: Project, *, until: str | None = None, seed: bool = True
) -> tuple[Layer, ...]:
    """The files of a project in the order in which the Supabase CLI runs them: roles, migrations, seeds."""
    wanted = project.migrations
    if until is not None:
        last = project.find(until)
        wanted = wanted[: wanted.index(last) + 1]
    found = config.supabase
    roles = [found.folder / "roles.sql"] if found and (found.folder / "roles.sql").is_file() else []
    seeds = found.seed_files() if found and seed else ()
    return (
        *(_script(config, path) for path in roles),
        *(Layer(m.label, f"{m.version} {m.stem} {m.checksum}", migration=m) for m in wanted),
        *(_script(config, path) for path in seeds),
    )


def reset(
    config: Config,
    project: Project,
    *,
    until: str | None = None,
    seed: bool = True,
    tools: Tools = _no_tools,
) -> Refreshed:
    """Throw the project's local database away and build it from its files; starts the server when it is not running.

    ``tools`` is called when there is something to run: a reset that finds everything as it was never loads the engine.
    When a file fails, the database from before comes back. Raises LocalServerError, SourceError, and what applying
    a migration raises.
    """
    layers = layers_of(config, project, until=until, seed=seed)
    place = Place.of(config)
    outdated = server.is_outdated(place)
    running = server.start(place, fresh=outdated).server

    def apply(on: LocalServer, some: Sequence[Layer]) -> None:
        for is_migration, group in groupby(some, key=lambda layer: layer.migration is not None):
            if is_migration:
                _migrate(config, project, on, list(group), tools)
            else:
                _run_scripts(on, group)

    done = templates.reset(running, place.folder, layers, apply, start=lockgate.__version__)
    return Refreshed(running, done, layers, outdated)


def _script(config: Config, path: Path) -> Layer:
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Layer(path.relative_to(config.root).as_posix(), f"{path.name} {content}", script=path)


def _migrate(
    config: Config,
    project: Project,
    on: LocalServer,
    layers: Sequence[Layer],
    tools: Tools,
) -> None:
    from lockgate.workflow.apply import Choice, apply

    reporter, executors = tools()
    last = layers[-1].migration
    assert last is not None
    target = Target("local", on.url, protected=False)
    choice = Choice(last.version)
    while True:
        result = apply(config, project, target, choice, reporter=reporter, executors=executors)
        if result.stopped_at is None:
            return
        _open_gate(config, target, result.stopped_at.name, result.stopped_at.text, result.next_version or "")


def _open_gate(config: Config, target: Target, name: str, text: str, version: str) -> None:
    """Nobody waits behind a gate on a database that is being made from nothing."""
    from lockgate.workflow.target import running

    with running(config, target, "gate open") as run:
        run.journal.open_gate(name, text, version, "lockgate local reset")


def _run_scripts(on: LocalServer, layers: Iterator[Layer]) -> None:
    with psycopg.connect(on.url, autocommit=True, application_name="lockgate local reset") as connection:
        for layer in layers:
            assert layer.script is not None
            try:
                connection.execute(layer.script.read_bytes())
            except psycopg.Error as error:
                raise StepFailedError(
                    f"{layer.label} failed: {error.diag.message_primary or error}",
                    state="the local database is as it was before the reset",
                    why=error.diag.message_detail or error.diag.message_hint,
                    next_steps=[
                        "correct the file, then lockgate local reset",
                        "lockgate local reset --no-seed",
                    ],
                ) from error
