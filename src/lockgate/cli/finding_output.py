"""How findings look on a terminal: where, what, why, the lock, and what to write instead; a remark in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lockgate.analysis.findings import Finding, Report, StatementForecast
from lockgate.console import Console, counted
from lockgate.types import RelationLock, Severity

if TYPE_CHECKING:
    from lockgate.workflow.knowledge import Knowledge

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_LINES, _COLUMNS = 6, 500
"""Longer statements, and longer lines, are cut."""


def say_report(
    console: Console, report: Report, texts: Mapping[str, str], knowledge: Knowledge | None = None
) -> None:
    """Every error and warning with its excerpt, the remarks in a line each, then their number and the next step.

    ``--verbose`` gives the remarks their excerpts too; ``--quiet`` leaves a line for each error and warning. With
    knowledge of a target: also the statements that no rule complains of and that are felt there.
    """
    if console.quiet:
        for finding in report.findings:
            if finding.severity is not Severity.INFO:
                console.output(f"{_headline(console, finding)}  {finding.message}")
        return
    lines = {file: text.splitlines() for file, text in texts.items()}
    forecasts = {(f.file, f.statement): f for f in report.forecasts}
    long = [f for f in report.findings if console.verbose or f.severity is not Severity.INFO]
    short = [] if console.verbose else [f for f in report.findings if f.severity is Severity.INFO]
    for finding in long:
        _say_finding(console, finding, lines.get(finding.file, []), forecasts)
    for finding in short:
        console.say(f"{_headline(console, finding)}  {finding.message}")
    if short:
        console.say()
    if knowledge is not None:
        _say_felt(console, report, long, lines, knowledge)
    _say_summary(console, report, shortened=bool(short))


def _headline(console: Console, finding: Finding) -> str:
    severity = console.style(finding.severity.value, _COLOURS[finding.severity])
    return f"{finding.file}:{finding.line}  {console.style(finding.rule, 'bold')}  {severity}"


def _say_finding(
    console: Console,
    finding: Finding,
    text: Sequence[str],
    forecasts: Mapping[tuple[str, int], StatementForecast],
) -> None:
    console.say(_headline(console, finding))
    console.say()
    _say_excerpt(console, finding, text)
    for line in [finding.message, *finding.why.splitlines()]:
        if line:
            console.say(f"     {line}")
    forecast = forecasts.get((finding.file, finding.statement))
    for label, words in _lock_lines(forecast):
        console.say(f"     {console.style(f'{label:<9}', 'dim')} {words}")
    if finding.safe:
        lines = finding.safe.strip().splitlines()
        console.say()
        console.say(f"     {console.style('safe     ', 'dim')} {lines[0]}")
        for line in lines[1:]:
            console.say(f"               {line}")
    console.say()


def _say_excerpt(console: Console, finding: Finding, text: Sequence[str]) -> None:
    last = min(finding.end_line, finding.line + _LINES - 1, len(text))
    width = len(str(last))
    for number in range(finding.line, last + 1):
        line = text[number - 1]
        shown = line if len(line) <= _COLUMNS else f"{line[:_COLUMNS]}…"
        console.say(f"  {number:>{width}} │ {shown}")
    if last < finding.end_line:
        console.say(f"  {'':>{width}} │ …")
    console.say()


def _lock_lines(forecast: StatementForecast | None) -> list[tuple[str, str]]:
    if forecast is None or not (forecast.relations or forecast.attached):
        return []
    found = [("lock", _locks(forecast.relations))] if forecast.relations else []
    if forecast.attached:
        found.append(("also", _locks(forecast.attached)))
    return [*found, ("blocks", forecast.blocks), *_impact_lines(forecast)]


def _locks(locks: Sequence[RelationLock]) -> str:
    return "; ".join(_lock_words(lock) for lock in locks)


def _lock_words(lock: RelationLock) -> str:
    effects = [word for flag, word in ((lock.rewrite, "rewritten"), (lock.scan, "every row read")) if flag]
    tail = f", {' and '.join(effects)}" if effects else ""
    return f"{lock.mode.sql_name.title().replace(' ', '')} on {lock.relation}{tail}"


def _impact_lines(forecast: StatementForecast) -> Iterator[tuple[str, str]]:
    if forecast.impact is not None:
        from lockgate.cli.knowledge_options import impact_lines

        yield from impact_lines(forecast.impact)


def _say_felt(
    console: Console,
    report: Report,
    told: Sequence[Finding],
    lines: Mapping[str, Sequence[str]],
    knowledge: Knowledge,
) -> None:
    """Statements of which nothing is told in full and that take their time on the target, or would wait there."""
    from lockgate.cli.knowledge_options import is_notable, say_source

    said = {(finding.file, finding.statement) for finding in told}
    for forecast in report.forecasts:
        impact = forecast.impact
        if impact is None or (forecast.file, forecast.statement) in said or not is_notable(impact):
            continue
        text = lines.get(forecast.file, [])
        first = text[forecast.line - 1].strip() if forecast.line <= len(text) else ""
        console.say(f"{forecast.file}:{forecast.line}  {first}")
        for label, words in _lock_lines(forecast):
            console.say(f"     {console.style(f'{label:<9}', 'dim')} {words}")
        console.say()
    say_source(console, knowledge)


def _say_summary(console: Console, report: Report, *, shortened: bool) -> None:
    counts = [
        counted(report.count(severity), severity.value) for severity in (Severity.ERROR, Severity.WARNING)
    ]
    infos = report.count(Severity.INFO)
    counts += [counted(infos, "remark")] if infos else []
    files = f"{counted(report.files, 'file')}, {counted(report.statements, 'statement')}"
    opaque = f"; {report.unanalysed} could not be analysed" if report.unanalysed else ""
    console.say(f"{', '.join(counts)} in {files}{opaque}.")
    if shortened:
        console.say(
            "  more    lockgate check --verbose   shows the remarks with their SQL and what to write instead"
        )
    if report.findings:
        console.say(
            "  next    lockgate rules NAME   explains a rule; lockgate plan FILE --write   makes safe phases"
        )
