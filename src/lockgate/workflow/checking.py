"""Which files a check looks at, what comes before them, and which findings are known already."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lockgate.analysis.findings import Report
from lockgate.config import Config
from lockgate.errors import ConfigError, SourceError, UsageError
from lockgate.migration.files import discover, read_file
from lockgate.migration.model import Migration
from lockgate.workflow import check_cache
from lockgate.workflow.wish import Wish

if TYPE_CHECKING:
    from lockgate.workflow.knowledge import Knowledge


STDIN: Final = Path("-")
"""The path that means the standard input; a file of that name is ``./-``."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The files to report on and, in order, those that are applied before them.

    ``misfits`` are files of the project that ``apply`` refuses before it reads them: a version that stands twice, a
    name that says no version, a folder, a link to somewhere else. Those with a version are checked all the same.
    """

    reported: tuple[Migration, ...]
    history: tuple[Migration, ...]
    misfits: tuple[SourceError, ...] = ()

    @property
    def keeps_rollbacks(self) -> bool:
        """Whether any of them has a way back, so that one that is missing means something."""
        return any(migration.has_way_back for migration in (*self.history, *self.reported))

    def parts(self) -> Iterator[bytes]:
        """All of the files that a report depends on; raises SourceError for one that cannot be read strictly."""
        yield f"{len(self.history)} {self.keeps_rollbacks}".encode()
        for migration in (*self.history, *self.reported):
            forth = migration.forth
            about = (forth.label, migration.version, forth.layout_no_transaction, migration.has_way_back)
            yield repr(about).encode("utf-8", "surrogateescape")
            yield forth.text.encode("utf-8")

    @property
    def texts(self) -> dict[str, str]:
        """The text of each reported file, by what reports call it."""
        return {migration.forth.label: migration.forth.text for migration in self.reported}


@dataclass(frozen=True, slots=True)
class Piped:
    """SQL that does not come from a file; ``path`` is what it is called, and the file for which it stands."""

    path: Path
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What a check gave back: the document of ``--json``, and the report when it is asked for."""

    document: str
    fresh: Report | None = field(default=None, repr=False)

    @functools.cached_property
    def report(self) -> Report:
        """The findings and forecasts as values."""
        return self.fresh or Report.from_json(json.loads(self.document))

    @functools.cached_property
    def summary(self) -> Mapping[str, int]:
        """The counts, read from the last line of the document alone."""
        line = self.document[self.document.rindex('\n"summary": ') :]
        counts: Mapping[str, int] = json.loads("{" + line.strip())["summary"]
        return counts


def select(
    config: Config,
    paths: Sequence[Path],
    *,
    history: Sequence[Path] = (),
    since: str | None = None,
    piped: Piped | None = None,
) -> Selection:
    """Find the files.

    Without paths: the project's migrations. A path inside the project's migrations has the earlier ones as its
    history; any other file comes after all of them; another folder is a project of its own. ``since`` keeps only the
    files that differ from a revision of git. The path ``-`` means what was ``piped``: it comes after all migrations, or
    in the place of the one whose path it bears. Raises UsageError for a path that is not there.
    """
    before = [read_file(config, path) for folder in history for path in _sql_files(folder)]
    chosen, earlier, misfits = _chosen(config, paths, piped) if paths else _all_of_project(config)
    if since is not None:
        changed = _changed(config.root, since) | ({piped.path.resolve()} if piped else set())
        misfits = tuple(found for found in misfits if (config.root / found.path).resolve() in changed)
        earlier = [*earlier, *(m for m in chosen if m.path.resolve() not in changed)]
        chosen = [m for m in chosen if m.path.resolve() in changed]
    known = {migration.path.resolve() for migration in chosen} if earlier else set()
    rest = [m for m in earlier if m.path.resolve() not in known]
    return Selection(tuple(chosen), (*before, *rest), misfits)


def run(
    config: Config, selection: Selection, wish: Wish, baseline: Path | None = None, *, cached: bool = True
) -> Outcome:
    """Check the selected files; findings of the baseline are left out.

    ``cached`` takes the report of an earlier run that checked the same in the same way, and keeps a new one.
    Raises SourceError for a file that cannot be read strictly, ConfigError and UsageError for what to check cannot be.
    """
    known = read_baseline(baseline) if baseline else frozenset[str]()
    if not cached:
        return Outcome(_document(config, selection, wish, known))
    settings = repr((config.check, config.postgres, config.platform, _served(config), _spelled(wish)))
    words = [settings.encode("utf-8", "surrogateescape"), *(word.encode() for word in sorted(known))]
    folder, key = check_cache.folder_of(config), check_cache.key_of([*words, *selection.parts()])
    document = check_cache.load(folder, key)
    if document is None:
        document = _document(config, selection, wish, known)
        check_cache.store(folder, key, document)
    return Outcome(document)


def run_for_target(
    config: Config,
    selection: Selection,
    wish: Wish,
    knowledge: Knowledge,
    baseline: Path | None = None,
    *,
    named: bool = True,
) -> Outcome:
    """Check the files for a target: pending ones by its real schema, and say what each statement means there.

    A file that is applied there is part of its schema: it is left out, and judged by the files alone where it was
    ``named``; so is a folder of earlier migrations. Nothing is cached. Raises as :func:`run` does.
    """
    from lockgate.analysis.impact.report import together, with_impact

    known = read_baseline(baseline) if baseline else frozenset[str]()
    wish = replace(wish, postgres=wish.postgres or knowledge.major)
    ours = {migration.path.resolve() for migration in migrations_of(config)}
    applied = [m for m in selection.reported if m.path.resolve() in ours and knowledge.is_applied(m)]
    pending = tuple(m for m in selection.reported if m not in applied)
    there = knowledge.live is not None
    before = tuple(m for m in selection.history if not there or m.path.resolve() in ours)
    reports = [_report(config, Selection(pending, before), wish, known, knowledge)]
    if applied and named:
        reports.insert(0, _report(config, replace(selection, reported=tuple(applied)), wish, known))
    report = replace(with_impact(together(reports), knowledge.statistics), target=knowledge.to_json())
    return Outcome(report.document(), report)


def _served(config: Config) -> object:
    return config.supabase and config.supabase.api_schemas


def _spelled(wish: Wish) -> object:
    return wish.postgres, wish.transaction, wish.runner, sorted(wish.select), sorted(wish.ignore)


def _document(config: Config, selection: Selection, wish: Wish, known: frozenset[str]) -> str:
    # Not at the top: an unchanged set needs neither the parser nor the rules.
    from lockgate.analysis.source import Source
    from lockgate.workflow.check_options import options_of
    from lockgate.workflow.check_split import check_in_two

    options, keeps = options_of(config, wish), selection.keeps_rollbacks
    history = [Source.from_migration(found) for found in selection.history]
    reported = [Source.from_migration(found, keeps) for found in selection.reported]
    return check_in_two([*history, *reported], len(history), options).document(reported, known)


def _report(
    config: Config,
    selection: Selection,
    wish: Wish,
    known: frozenset[str],
    knowledge: Knowledge | None = None,
) -> Report:
    # Not at the top: an unchanged set needs neither the parser nor the rules.
    from lockgate.analysis.check import check
    from lockgate.analysis.source import Source
    from lockgate.workflow.check_options import options_of

    options = options_of(config, wish)
    if knowledge is not None:
        options = replace(options, session=knowledge.session)
        history = knowledge.before(selection.history)
    else:
        history = [Source.from_migration(migration) for migration in selection.history]
    keeps = selection.keeps_rollbacks
    report = check([Source.from_migration(found, keeps) for found in selection.reported], options, history)
    return replace(report, findings=tuple(f for f in report.findings if f.fingerprint not in known))


def place_in_repository(config: Config) -> str:
    """The way from the root of the git repository down to the project's folder; empty where there is none."""
    for folder in (config.root, *config.root.parents):
        if (folder / ".git").exists():
            return config.root.relative_to(folder).as_posix()
    return ""


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline file; raises ConfigError when it is not one."""
    again = [f"lockgate check --write-baseline {path}"]
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no baseline", next_steps=again) from None
    except (ValueError, RecursionError, OSError) as error:
        raise ConfigError(f"{path}: not a baseline file: {error}", next_steps=again) from error
    match document:
        case {"findings": [*entries]}:
            told = [entry.get("fingerprint") for entry in entries if isinstance(entry, dict)]
            found = frozenset(one for one in told if isinstance(one, str))
            if len(entries) == sum(isinstance(one, str) for one in told):
                return found
    raise ConfigError(f"{path}: not a baseline file: it holds no list of findings", next_steps=again)


def write_baseline(path: Path, report: Report) -> None:
    """Write the findings of a report as known ones."""
    entries = [
        {"fingerprint": f.fingerprint, "rule": f.rule, "file": f.file, "message": f.message}
        for f in report.findings
    ]
    path.write_text(json.dumps({"findings": entries}, indent=2, ensure_ascii=False) + "\n", "utf-8")


def migrations_of(config: Config) -> tuple[Migration, ...]:
    """The migrations of the project around here; none where there is no project."""
    try:
        return discover(config, strict=False).migrations
    except UsageError:
        return ()


_Chosen = tuple[list[Migration], list[Migration], tuple[SourceError, ...]]
"""What to report, what comes before, and what cannot be either."""


def _all_of_project(config: Config) -> _Chosen:
    project = discover(config, strict=False)
    chosen = list(project.migrations)
    for found in project.problems:
        twin = read_file(config, config.root / found.path)
        known = project.get(twin.version)
        if known is not None and twin.path.is_file() and not twin.path.is_symlink():
            chosen.insert(chosen.index(known) + 1, twin)
    return chosen, [], project.problems


def _chosen(config: Config, paths: Sequence[Path], piped: Piped | None) -> _Chosen:
    ours = {m.path.resolve(): m for m in migrations_of(config)}
    chosen: list[Migration] = []
    foreign_folder = False
    for path in paths:
        if path == STDIN and piped is not None:
            known = ours.get(piped.path.resolve())
            chosen.append(known.with_text(piped.raw) if known else read_file(config, piped.path, piped.raw))
            continue
        foreign_folder |= path.is_dir() and not any(file.resolve() in ours for file in _sql_files(path))
        chosen += [ours.get(file.resolve()) or read_file(config, file) for file in _sql_files(path)]
    inside = [m for m in chosen if m.path.resolve() in ours]
    if len(inside) < len(chosen):
        return chosen, [] if foreign_folder else list(ours.values()), ()
    last = max((m.version for m in inside), default="")
    return sorted(chosen, key=lambda m: m.version), [m for m in ours.values() if m.version <= last], ()


def _sql_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(
            file for file in path.rglob("*.sql") if file.is_file() and "rollbacks" not in file.parts
        )
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    return [path]


def _changed(root: Path, revision: str) -> set[Path]:
    """The files that differ from a revision, and the untracked ones."""
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    # Resolved first, so that git takes no word of the user's for an option of its own.
    named = f"{revision}^{{commit}}"
    commit = _git(root, "rev-parse", "--verify", "--end-of-options", named, about=revision).strip()
    told = (
        _git(root, "diff", "--name-only", "--diff-filter=d", "-z", commit, "--"),
        _git(root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z"),
    )
    return {(top / name).resolve() for names in told for name in names.split("\0") if name}


def _git(root: Path, *words: str, about: str | None = None) -> str:
    """What a command of git prints; ``about`` names the revision that it fails for."""
    import subprocess  # for this alone, and it takes its time

    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageError("--since needs git, which is not installed") from None
    if done.returncode and about is not None:
        shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
        raise UsageError(
            f"--since: there is no revision {about!r} in the repository",
            next_steps=["git fetch --unshallow   because the clone is shallow"] if shallow else (),
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise UsageError(f"--since: git says: {lines[0] if lines else 'nothing'}")
    return done.stdout
