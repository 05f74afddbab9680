"""The application's queries: where they come from, and whether they outlive a change or a history."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lockgate.config import Config, resolve_target
from lockgate.config.sections import Application as Settings
from lockgate.errors import UsageError
from lockgate.local import flavours
from lockgate.migration.files import discover, read_file
from lockgate.migration.model import Migration
from lockgate.planning.changes import Change
from lockgate.proving.application.following import Halt, follow
from lockgate.proving.application.logs import read_log
from lockgate.proving.application.query import Application
from lockgate.proving.application.reading import Collected, read_actor, read_files
from lockgate.proving.application.statistics import read_statistics
from lockgate.proving.application.verdict import Judgement, judge_change, judge_history
from lockgate.proving.ground import open_ground
from lockgate.proving.piece import prepare_all
from lockgate.proving.rows.fill import ROWS
from lockgate.proving.seeding import read_seeds
from lockgate.proving.trunk import Trunk
from lockgate.workflow.proposing import Proposal, text_of
from lockgate.workflow.target import reading

API_ROLES = ("anon", "authenticated")
"""The roles that PostgREST asks as, on Supabase."""

_LOGGING = "a log holds queries with log_statement = 'all' or log_min_duration_statement = 0, in English"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the command line says the queries are; ``target`` is a name or URL with ``pg_stat_statements``."""

    files: tuple[Path, ...] = ()
    new_files: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    target: str | None = None

    def __bool__(self) -> bool:
        return bool(self.files or self.new_files or self.logs or self.target)


@dataclass(frozen=True, slots=True)
class Known:
    """The application, how many statements of its sources were passed over, and what to say about those."""

    application: Application
    passed_over: int = 0
    remarks: tuple[str, ...] = ()

    def about(self, judgement: Judgement) -> Judgement:
        """A judgement that tells what its sources left out, too."""
        return replace(judgement, passed_over=self.passed_over, remarks=self.remarks)


def is_described(config: Config) -> bool:
    """Whether ``lockgate.toml`` says what the application asks."""
    settings = config.section(Settings)
    return bool(settings.queries or settings.new_queries)


def known_application(config: Config, asked: Asked) -> Known:
    """The queries that the command line names, else those of ``lockgate.toml``; raises UsageError and LockgateError."""
    settings = config.section(Settings)
    actor = config.path(settings.actor) if settings.actor else None
    if asked:
        current, coming = _asked_for(config, settings, asked), asked.new_files
    else:
        current = read_files(_matching(config, settings.queries, actor), settings.role, settings.claims)
        coming = tuple(_matching(config, settings.new_queries, actor))
    new = read_files(coming, settings.role, settings.claims)
    application = Application(
        current.queries,
        new.queries,
        read_actor(actor) if actor else None,
        *_exposed(config),
    )
    if not application:
        raise UsageError(
            "There is no query of the application among what was given.",
            next_steps=[
                "lockgate plan CHANGE --queries FILE",
                'or set [application] queries = ["traffic/*.sql"]',
                *([_LOGGING] if asked.logs else []),
            ],
        )
    sources = current + new
    return Known(application, sources.passed_over, sources.remarks)


def _asked_for(config: Config, settings: Settings, asked: Asked) -> Collected:
    found = read_files(asked.files, settings.role, settings.claims)
    for log in asked.logs:
        found += read_log(log, settings.role, settings.claims)
    if asked.target is not None:
        with reading(config, resolve_target(config, asked.target)) as target:
            found += read_statistics(target.connection, None, settings.claims)
    return found


def _matching(config: Config, patterns: Sequence[str], actor: Path | None) -> list[Path]:
    found = [path for pattern in patterns for path in sorted(config.root.glob(pattern))]
    return [path for path in dict.fromkeys(found) if path.suffix == ".sql" and path != actor]


def _exposed(config: Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The schemas of the API and its roles."""
    if config.platform != "supabase":
        return (), ()
    return (config.supabase.api_schemas if config.supabase else ("public",)), API_ROLES


def prove_change(
    config: Config, proposal: Proposal, known: Known, major: int, tell: Callable[[Halt], None]
) -> Judgement:
    """Carry out a change on a throwaway database, part by part, and try the queries before and after each."""
    with _files_of(config, proposal.change) as parts, _trunk(config, major) as trunk:
        earlier = prepare_all(proposal.earlier, trunk.ground)
        pieces = prepare_all(parts, trunk.ground, proposal.earlier)
        halts = follow(trunk, earlier, pieces, known.application, tell)
    return known.about(judge_change(_labelled(halts, proposal.change), known.application))


def prove_history(
    config: Config, known: Known, major: int, wanted: Collection[str] | None, tell: Callable[[Halt], None]
) -> Judgement:
    """Go through the history of a project and try the queries after each migration.

    With ``wanted`` versions the first halt is before the first of them and the last one after the last.
    """
    migrations = discover(config).migrations
    places = [number for number, item in enumerate(migrations) if wanted is None or item.version in wanted]
    first, last = (places[0], places[-1]) if places else (0, -1)
    with _trunk(config, major) as trunk:
        pieces = prepare_all(migrations[: last + 1], trunk.ground)
        halts = follow(trunk, pieces[:first], pieces[first:], known.application, tell)
    return known.about(judge_history(halts, known.application))


@contextmanager
def _trunk(config: Config, major: int) -> Iterator[Trunk]:
    seeds = config.supabase.seed_files() if config.supabase else ()
    with open_ground(flavours.named(config.platform), major) as ground:
        trunk = Trunk(ground, ROWS, read_seeds(seeds))
        trunk.begin()
        yield trunk


@contextmanager
def _files_of(config: Config, change: Change) -> Iterator[list[Migration]]:
    """The parts as files for a while, so that they are read and carried out as they will be."""
    with tempfile.TemporaryDirectory(prefix="lockgate-plan-") as folder:
        found = []
        for number in range(1, len(change.parts) + 1):
            path = Path(folder) / f"part_{number}.sql"
            path.write_text(text_of(change, number), encoding="utf-8")
            found.append(read_file(config, path))
        yield found


def _labelled(halts: Sequence[Halt], change: Change) -> list[Halt]:
    named = [
        replace(halt, label=f"part {number}", title=part.title)
        for number, (halt, part) in enumerate(zip(halts[1:], change.parts, strict=False), 1)
    ]
    return [halts[0], *named]
