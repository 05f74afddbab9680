"""The options that say where the application's queries are, and how their fate looks as text."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from lockgate.console import counted

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.integrations.junit import Case
    from lockgate.proving.application.following import Halt
    from lockgate.proving.application.verdict import Judgement, Lost, Verdict

F = TypeVar("F", bound=Callable[..., Any])

_MOST_LINES: Final = 12
_MAY: Final = re.compile(r"(?P<role>\S+) may (?P<verb>select|insert|update) (?P<thing>.+)")


def query_options(command: F) -> F:
    """Give a command ``--queries --new-queries --queries-from --query-log`` as one parameter ``asked``."""

    @click.option(
        "--queries",
        "files",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        metavar="FILE|FOLDER",
        help="Queries that the running application sends: they must outlive the change until its gate.",
    )
    @click.option(
        "--new-queries",
        "new_files",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        metavar="FILE|FOLDER",
        help="Queries of the application to come: they must work before the gate.",
    )
    @click.option(
        "--queries-from",
        "counted",
        metavar="NAME|URL",
        help="Take the queries that a target has counted in pg_stat_statements.",
    )
    @click.option(
        "--query-log",
        "logs",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Take the queries from a server's log (stderr, csvlog or jsonlog).",
    )
    @functools.wraps(command)
    def wrapped(
        *args: Any,
        files: tuple[Path, ...],
        new_files: tuple[Path, ...],
        counted: str | None,
        logs: tuple[Path, ...],
        **options: Any,
    ) -> Any:
        from lockgate.workflow.application import Asked

        return command(*args, asked=Asked(files, new_files, logs, counted), **options)

    return wrapped  # type: ignore[return-value]


def say(console: Console, judgement: Judgement) -> None:
    """How the queries fare, where they end, and what the API loses."""
    from lockgate.proving.application.query import Grade
    from lockgate.proving.application.verdict import Fate

    outcomes = [verdict.outcome for verdict in judgement.of(Fate.WORKS)]
    prepared = sum(outcome.grade is Grade.PREPARES for outcome in outcomes)
    only = f", {prepared} of them only prepared" if prepared else ""
    console.say(
        f"\n  queries {len(judgement.verdicts)} of the application: {len(outcomes)} work to the end{only}"
    )
    for line in (*_lines(judgement), *_left_out(judgement)):
        console.say(f"          {line}")
    if judgement.failure is not None:
        console.say(f"          {judgement.failure.label} cannot be carried out: {judgement.failure.failure}")
    console.say()


def cases(judgement: Judgement) -> list[Case]:
    """One test case for each query that works today or has to work."""
    from lockgate.integrations.junit import Case
    from lockgate.proving.application.verdict import Fate

    failing = (Fate.BROKEN, Fate.LATE)
    found = [
        Case(
            verdict.query.name,
            "queries",
            failure=f"{verdict.fate.value} at {_place(judgement.halts[verdict.halt])}"
            if verdict.fate in failing
            else None,
            details=verdict.outcome.message or "",
        )
        for verdict in judgement.verdicts
        if verdict.fate is not Fate.NEVER
    ]
    if judgement.failure is not None:
        details = judgement.failure.failure or ""
        found.append(
            Case(judgement.failure.label, "queries", failure="cannot be carried out", details=details)
        )
    return found


def _lines(judgement: Judgement) -> Iterator[str]:
    from lockgate.proving.application.verdict import Fate

    for fate, words in (
        (Fate.BROKEN, "broken by {at}, and nobody was told to stop"),
        (Fate.LATE, "of the new application do not work yet before the gate"),
        (Fate.ENDS, "must be gone before the gate of {at}"),
        (Fate.NEVER, "never work: not counted"),
    ):
        yield from _grouped(judgement, judgement.of(fate), words)
    yield from _stale(judgement)
    yield from _lost(judgement)


def _grouped(judgement: Judgement, verdicts: tuple[Verdict, ...], words: str) -> Iterator[str]:
    for halt in sorted({verdict.halt for verdict in verdicts}):
        here = [verdict for verdict in verdicts if verdict.halt == halt]
        yield f"{len(here)} {words.format(at=_place(judgement.halts[halt]))}"
        for verdict in here[:_MOST_LINES]:
            outcome = verdict.outcome
            state = f" (SQLSTATE {outcome.sqlstate})" if outcome.sqlstate else ""
            yield f"  {verdict.query.name}: {outcome.message}{state}"
        if len(here) > _MOST_LINES:
            yield f"  and {len(here) - _MOST_LINES} more: --json"


def _place(halt: Halt) -> str:
    return f"{halt.label} ({halt.phase})" if halt.phase else halt.label


def _left_out(judgement: Judgement) -> Iterator[str]:
    """What was not tried, or not as the one who sends it."""
    if judgement.strangers:
        names = ", ".join(judgement.strangers[:_MOST_LINES])
        yield f"no migration makes these roles, their queries are tried as the owner's: {names}"
    if judgement.passed_over:
        yield f"{counted(judgement.passed_over, 'statement')} passed over: no queries, or not readable"
    yield from judgement.remarks[:_MOST_LINES]
    if len(judgement.remarks) > _MOST_LINES:
        yield f"and {len(judgement.remarks) - _MOST_LINES} more: --json"


def _stale(judgement: Judgement) -> Iterator[str]:
    for halt in judgement.halts:
        if halt.stale:
            names = ", ".join(query.name for query in halt.stale[:_MOST_LINES])
            yield f"after {_place(halt)} a connection that has prepared these is refused until it prepares them anew"
            yield f'("cached plan must not change result type", and the like): {names}'
    if any(halt.stale for halt in judgement.halts):
        yield "some drivers prepare anew by themselves; for the others name the columns, or connect again then"


def _lost(judgement: Judgement) -> Iterator[str]:
    for whole, gated, words in (
        (True, False, "the API loses, and nobody was told:"),
        (True, True, "the API loses behind a gate:"),
        (False, None, "the API asks more of its clients:"),
    ):
        lost = [item for item in judgement.lost if item.whole is whole and gated in (None, item.gated)]
        lines = [f"  {_place(halt)}: {text}" for halt, text in _summed(judgement, lost)]
        if lines:
            yield words
            yield from lines[:_MOST_LINES]
        if len(lines) > _MOST_LINES:
            yield f"  and {len(lines) - _MOST_LINES} more: --json"


def _summed(judgement: Judgement, lost: list[Lost]) -> Iterator[tuple[Halt, str]]:
    """What several roles may no more do with one thing as one line, and what was possible and is not."""
    together: dict[tuple[int, str], tuple[dict[str, None], dict[str, None]]] = {}
    for item in lost:
        match = _MAY.fullmatch(item.what)
        text = match["thing"] if match else item.what
        roles, verbs = together.setdefault((item.halt, text), ({}, {}))
        if match is not None:
            roles[match["role"]] = verbs[match["verb"]] = None
    for (halt, text), (roles, verbs) in together.items():
        may = f"{', '.join(roles)} may {', '.join(verbs)} " if roles else ""
        yield judgement.halts[halt], f"{may}{text}"
