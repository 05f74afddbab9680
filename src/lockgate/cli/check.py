"""``lockgate check``: find every hazard in the migrations."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from lockgate.cli.frame import Workplace, common
from lockgate.cli.knowledge_options import knowledge_options, learn, with_impact_in_words
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.workflow.checking import Outcome, Piped, Selection
    from lockgate.workflow.knowledge import Asked, Knowledge

FORMATS: Final = {
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit_check",
}


@click.command(name="check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@click.option(
    "--postgres", type=click.IntRange(14, 18), help="The server's major version (default: the project's)."
)
@click.option(
    "--transaction", type=click.Choice(["auto", "always", "never"]), help="How the runner wraps a file."
)
@click.option("--runner", metavar="NAME", help="The program that runs the files (default: lockgate).")
@click.option(
    "--history",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder of earlier migrations that are read but not reported.",
)
@click.option("--since", metavar="REV", help="Only files that differ from this revision of git.")
@click.option(
    "--select", multiple=True, metavar="RULES|GROUPS|all", help="Only these; all adds every opt-in rule."
)
@click.option("--ignore", multiple=True, metavar="RULES|GROUPS", help="Leave these out.")
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "never"]), help="From which severity to fail."
)
@click.option(
    "--format", "style", type=click.Choice(["text", "json", *FORMATS]), default="text", show_default=True
)
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Findings in this file are known: leave them out."
)
@click.option(
    "--write-baseline", type=click.Path(path_type=Path), help="Write all findings to this file as known."
)
@click.option("--no-cache", is_flag=True, help="Check anew, and keep no report of it.")
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    metavar="NAME",
    help="With the path -: what the SQL of the standard input is called.",
)
@knowledge_options
@common
def command(
    place: Workplace,
    paths: tuple[Path, ...],
    postgres: int | None,
    transaction: str | None,
    runner: str | None,
    history: tuple[Path, ...],
    since: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    style: str,
    baseline: Path | None,
    write_baseline: Path | None,
    no_cache: bool,
    stdin_filename: Path | None,
    about: Asked | None,
) -> ExitCode:
    """Find every hazard in PATH… (default: all migrations of the project).

    The migrations before a file are replayed first, so that each statement is judged by the schema that it meets.
    With --to the schema is the target's own, and only what is pending there is checked by default; with --to or --stats
    each statement is also weighed: how long it takes there, how many queries would wait, what is in its way right now.
    The path - reads SQL from the standard input; it is judged behind all migrations, or in the place of the one that
    --stdin-filename names. Exit code 3 when a finding is at or above --fail-on, or a file of the project is one that
    apply refuses.
    """
    from lockgate.workflow import checking
    from lockgate.workflow.wish import Wish

    config = place.config
    settings = config.check
    wish = Wish(postgres, transaction, runner, _words(select), _words(ignore))  # type: ignore[arg-type]
    chosen = checking.select(
        config,
        paths,
        history=[*map(config.path, settings.history), *history],
        since=since,
        piped=_piped(place, paths, stdin_filename),
    )
    known = baseline or (settings.baseline and config.path(settings.baseline))
    known = None if write_baseline else known
    knowledge = learn(place, about)
    if knowledge is not None:
        outcome = checking.run_for_target(config, chosen, wish, knowledge, known, named=bool(paths))
    else:
        outcome = checking.run(config, chosen, wish, known, cached=not no_cache)
    if write_baseline:
        checking.write_baseline(write_baseline, outcome.report)
        count = len(outcome.report.findings)
        place.console.say(f"{count} findings are known from now on: {write_baseline}")
        place.console.document({"command": "check", "baseline": str(write_baseline), "known": count})
        return ExitCode.OK
    _print(place, outcome, chosen, "json" if place.console.as_json else style, knowledge)
    return _verdict(outcome, chosen, fail_on or settings.fail_on)


def _piped(place: Workplace, paths: Sequence[Path], name: Path | None) -> Piped | None:
    from lockgate.workflow.checking import STDIN, Piped

    if STDIN not in paths:
        if name is not None:
            raise UsageError("--stdin-filename says what - is called, and - is not among the paths.")
        return None
    if paths.count(STDIN) > 1:
        raise UsageError("- stands twice; the standard input can be read once.")
    if name is not None and name.is_dir():
        raise UsageError(f"--stdin-filename {name} names a folder.")
    if sys.stdin is None:
        raise UsageError("The standard input is closed, so - cannot be read.")
    # One byte more than is allowed is enough to refuse it.
    raw = sys.stdin.buffer.read(place.config.project.max_file_size + 1)
    return Piped(name or place.config.root / "stdin", raw)


def _words(values: Sequence[str]) -> frozenset[str]:
    return frozenset(word.strip() for value in values for word in value.split(",") if word.strip())


def _print(
    place: Workplace, outcome: Outcome, chosen: Selection, style: str, knowledge: Knowledge | None
) -> None:
    console = place.console
    if style == "json":
        console.as_json = True
        console.document_text(_document(outcome, chosen))
    elif style == "text":
        from lockgate.cli.finding_output import say_report

        say_report(console, outcome.report, chosen.texts, knowledge)
    else:
        from lockgate.workflow.checking import place_in_repository

        report = outcome.report if knowledge is None else with_impact_in_words(outcome.report)
        report = report.below(place_in_repository(place.config))
        text: str = importlib.import_module(f"lockgate.integrations.{FORMATS[style]}").write(report)
        if text:
            console.output(text)
    for misfit in chosen.misfits:
        checked = misfit.path.as_posix() in chosen.texts
        console.warn(f"{misfit.message}; apply refuses it{'' if checked else ', and it was not checked'}")


def _document(outcome: Outcome, chosen: Selection) -> str:
    if not chosen.misfits:
        return outcome.document
    problems = [{"file": misfit.path.as_posix(), "message": misfit.message} for misfit in chosen.misfits]
    return json.dumps(json.loads(outcome.document) | {"problems": problems}, ensure_ascii=False, indent=1)


def _verdict(outcome: Outcome, chosen: Selection, fail_on: str) -> ExitCode:
    grave = (
        len(chosen.misfits)
        + outcome.summary["errors"]
        + (outcome.summary["warnings"] if fail_on == "warning" else 0)
    )
    return ExitCode.FINDINGS if grave and fail_on != "never" else ExitCode.OK
