"""The options that say which target a change is designed for, and how its impact looks as text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from lockgate.analysis.findings import Report
    from lockgate.analysis.impact.assess import Impact
    from lockgate.cli.frame import Workplace
    from lockgate.console import Console
    from lockgate.workflow.knowledge import Asked, Knowledge

_WORTH_A_WORD: Final = 0.25
"""Seconds that a lock may be held without a line of its own."""

F = TypeVar("F", bound=Callable[..., Any])


def knowledge_options(command: F) -> F:
    """Give a command ``--to --stats --seconds --no-calibration`` as one parameter ``about``."""

    @click.option(
        "--to",
        "target",
        metavar="NAME|URL",
        help="Judge by the real schema of this target, and say what each statement means there right now.",
    )
    @click.option(
        "--stats",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Say what each statement means for the target of this file (lockgate stats export), without connecting.",
    )
    @click.option(
        "--seconds",
        type=click.FloatRange(0, 3600),
        default=1.0,
        show_default=True,
        help="With --to: watch the target's counters for so long.",
    )
    @click.option(
        "--no-calibration",
        is_flag=True,
        help="With --to: do not measure the server's speed (about a second, in a temporary table).",
    )
    @functools.wraps(command)
    def wrapped(
        *args: Any,
        target: str | None,
        file: Path | None,
        seconds: float,
        no_calibration: bool,
        **options: Any,
    ) -> Any:
        if target is not None and file is not None:
            raise click.UsageError("--to asks the target, --stats a file: give one of them.")
        about = None
        if target is not None or file is not None:
            from lockgate.workflow.knowledge import Asked

            about = Asked(target, file, measure=not no_calibration, seconds=seconds)
        return command(*args, about=about, **options)

    return wrapped  # type: ignore[return-value]


def learn(place: Workplace, about: Asked | None) -> Knowledge | None:
    """What is known of the target that was asked for; None when none was."""
    if about is None:
        return None
    from lockgate.workflow import knowledge

    found = knowledge.learn(place.config, about)
    for remark in found.statistics.remarks:
        place.console.note(f"{found.statistics.target}: {remark}")
    return found


def impact_lines(impact: Impact) -> Iterator[tuple[str, str]]:
    """What a statement means for the target, as pairs of a label and words."""
    from lockgate.analysis.impact import spans

    if impact.relations:
        work = "; ".join(
            f"{' and '.join(found.work)} of {found.name}, {_size(found.bytes, found.rows)}"
            for found in impact.relations
        )
        yield "takes", f"{spans.in_words(impact.seconds)}   {work}"
    if impact.stops_writes and impact.held.high > max(_WORTH_A_WORD, impact.seconds.high * 1.2):
        yield "holds", f"its locks for {spans.in_words(impact.held)}, until the transaction ends"
    traffic, queued = impact.traffic, impact.queued
    if traffic is not None and queued is not None and traffic.per_second >= 0.005:
        counted = "queries" if traffic.basis == "queries" else "scans and row writes"
        low, likely, high = (spans.number(round(n)) for n in (queued.low, queued.middle, queued.high))
        about = f"about {likely} ({low} to {high})" if low != high else f"about {high}"
        wait = f": {about} would wait" if queued.high >= 1 else ": hardly one would wait"
        yield "meanwhile", f"{spans.number(traffic.per_second)} {counted} a second need it{wait}"
    if impact.full_after is not None:
        after = spans.duration(impact.full_after)
        yield "", f"after {after} of that the server has no free connection left"
    for blocker in impact.blockers:
        yield "now", f"waits for  {blocker.words}"


def _size(count: int, rows: int | None) -> str:
    from lockgate.analysis.impact import spans

    return spans.size(count) + (f" and {spans.number(rows)} rows" if rows is not None else "")


def with_impact_in_words(report: Report) -> Report:
    """The report for formats that know no impact: what a statement means for the target stands in its findings."""
    impacts = {(found.file, found.statement): found.impact for found in report.forecasts}
    findings = []
    for finding in report.findings:
        impact = impacts.get((finding.file, finding.statement))
        lines = [f"{label} {words}".strip() for label, words in impact_lines(impact)] if impact else []
        findings.append(replace(finding, why="\n".join([finding.why, *lines])))
    return replace(report, findings=tuple(findings))


def is_notable(impact: Impact) -> bool:
    """Whether a statement is worth a word although no rule has one for it."""
    queued = impact.queued
    takes_long = impact.seconds.high >= 1 and bool(impact.relations)
    holds_long = impact.held.high >= 1 and impact.stops_writes and (queued is None or queued.high >= 1)
    return bool(impact.blockers) or takes_long or holds_long or (queued is not None and queued.high >= 5)


def say_source(console: Console, knowledge: Knowledge) -> None:
    """Where the numbers come from, in one line."""
    statistics = knowledge.statistics
    speed = "calibrated there" if statistics.calibration else "not calibrated: the ranges are wide"
    when = "as it is now" if knowledge.live is not None else f"as it was at {statistics.taken_at}"
    console.say(console.style(f"{statistics.target}, {when}; {speed}", "dim"))
