"""Step 4: make the local database anew from the project's files, running only what changed since the last time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import lockgate
from lockgate.config import Config
from lockgate.local import server, templates
from lockgate.local.folder import Folder
from lockgate.local.server import LocalServer, Place
from lockgate.migration.model import Project
from lockgate.workflow.layers import Failed, Layer, Tools

if TYPE_CHECKING:
    from lockgate.engine.executors import Executors
    from lockgate.engine.reporting import Reporter


_FAILED: Final = "failed.json"


def _no_tools() -> tuple[Reporter | None, Executors | None]:
    return None, None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a reset did, and the server it did it on; ``restarted`` when the data directory was made anew.

    ``failed`` are the files that a reset which keeps going has left out.
    """

    server: LocalServer
    reset: templates.Reset
    layers: tuple[Layer, ...]
    restarted: bool
    failed: tuple[Failed, ...] = ()


def layers_of(
    config: Config, project: Project, *, until: str | None = None, seed: bool = True
) -> tuple[Layer, ...]:
    """The files of a project in the order in which the Supabase CLI runs them: roles, migrations, seeds.

    Before them come what ``config.toml`` sets and the secrets of its vault.
    """
    found = config.supabase
    wanted = project.migrations if found is None or found.migrations_enabled else ()
    if until is not None:
        last = project.find(until)
        wanted = project.migrations[: project.migrations.index(last) + 1]
    roles = [found.folder / "roles.sql"] if found and (found.folder / "roles.sql").is_file() else []
    seeds = found.seed_files() if found and seed else ()
    return (
        *_configured(config),
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
    keep_going: bool = False,
    tools: Tools = _no_tools,
) -> Refreshed:
    """Throw the project's local database away and build it from its files; starts the server when it is not running.

    ``tools`` is called when there is something to run: a reset that finds everything as it was never loads the engine.
    When a file fails, the database from before comes back; with ``keep_going`` the file is left out, and the rest goes
    on. Raises LocalServerError, SourceError, and what applying a migration raises.
    """
    layers = layers_of(config, project, until=until, seed=seed)
    place = Place.of(config)
    outdated = server.is_outdated(place)
    running = server.start(place, fresh=outdated).server
    failed: list[Failed] | None = [] if keep_going else None

    def apply(on: LocalServer, some: Sequence[Layer]) -> None:
        from lockgate.workflow.replaying import Replay

        Replay(config, project, on, tools, failed).run(some)

    start = f"{lockgate.__version__} keep going" if keep_going else lockgate.__version__
    done = templates.reset(running, place.folder, layers, apply, start=start)
    told = _remembered(place.folder, layers[: done.reused], failed) if failed is not None else ()
    return Refreshed(running, done, layers, outdated, told)


def _remembered(folder: Folder, reused: Sequence[Layer], now: Sequence[Failed]) -> tuple[Failed, ...]:
    """What failed now, and what had failed when the templates that were found again were made."""
    try:
        before = [Failed(**entry) for entry in json.loads((folder.root / _FAILED).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        before = []
    kept = {layer.digest for layer in reused}
    known = {one.digest: one for one in (*before, *now)}
    folder.write(_FAILED, json.dumps([asdict(one) for one in known.values()]))
    return (*(one for one in before if one.digest in kept), *now)


def _configured(config: Config) -> tuple[Layer, ...]:
    found = config.supabase
    if found is None or not (found.settings or found.vault) or config.platform != "supabase":
        return ()
    from lockgate.workflow.platform_settings import as_sql

    sql = as_sql(config, found)
    if not sql:
        return ()
    return (Layer("supabase/config.toml", f"config {hashlib.sha256(sql.encode()).hexdigest()}", sql=sql),)


def _script(config: Config, path: Path) -> Layer:
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Layer(path.relative_to(config.root).as_posix(), f"{path.name} {content}", script=path)
