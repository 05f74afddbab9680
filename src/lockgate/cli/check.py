"""``lockgate check``: find every hazard in the migrations."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.analysis.findings import Report
    from lockgate.analysis.options import Options
    from lockgate.config import Config

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
) -> ExitCode:
    """Find every hazard in PATH… (default: all migrations of the project).

    The migrations before a file are replayed first, so that each statement is judged by the schema that it meets.
    Exit code 3 when a finding is at or above --fail-on.
    """
    from lockgate.workflow import checking

    config = place.config
    settings = config.check
    options = _options(config, postgres, transaction, runner, _words(select), _words(ignore))
    chosen = checking.select(config, paths, history=[*settings.history, *history], since=since)
    known = baseline or (settings.baseline and config.path(settings.baseline))
    report = checking.run(chosen, options, None if write_baseline else known)
    if write_baseline:
        checking.write_baseline(write_baseline, report)
        place.console.say(f"{len(report.findings)} findings are known from now on: {write_baseline}")
        return ExitCode.OK
    _print(place, report, chosen.reported, "json" if place.console.as_json else style)
    return _verdict(report, fail_on or settings.fail_on)


def _words(values: Sequence[str]) -> frozenset[str]:
    return frozenset(word.strip() for value in values for word in value.split(",") if word.strip())


def _options(
    config: Config,
    postgres: int | None,
    transaction: str | None,
    runner: str | None,
    select: frozenset[str],
    ignore: frozenset[str],
) -> Options:
    from lockgate.analysis.options import Options
    from lockgate.analysis.rules import ALL
    from lockgate.analysis.runners import LOCKGATE, RUNNERS

    known = {rule.id for rule in ALL} | {rule.group.value for rule in ALL} | {"all"}
    for word in sorted((select | ignore) - known):
        raise UsageError(
            f"There is no rule and no group {word!r}.", next_steps=["lockgate rules   lists them"]
        )
    profile = next((found for found in RUNNERS if found.name == runner), None) if runner else LOCKGATE
    if profile is None:
        raise UsageError(
            f"There is no runner {runner!r}.", why="known: " + ", ".join(r.name for r in RUNNERS)
        )
    settings = config.check
    return Options(
        major=postgres or config.postgres,
        transaction=transaction or settings.transaction,  # type: ignore[arg-type]
        runner=profile,
        platform=config.platform,
        select=select or frozenset(settings.select),
        ignore=ignore | frozenset(settings.ignore),
    )


def _print(place: Workplace, report: Report, sources: Sequence[object], style: str) -> None:
    console = place.console
    if style == "json":
        console.as_json = True
        console.document(report.to_json())
    elif style == "text":
        from lockgate.cli.finding_output import say_report

        say_report(console, report, sources)
    else:
        text: str = importlib.import_module(f"lockgate.integrations.{FORMATS[style]}").write(report)
        if text:
            console.output(text)


def _verdict(report: Report, fail_on: str) -> ExitCode:
    from lockgate.types import Severity

    if fail_on == "never":
        return ExitCode.OK
    least = Severity(fail_on).rank
    return ExitCode.FINDINGS if any(f.severity.rank >= least for f in report.findings) else ExitCode.OK
