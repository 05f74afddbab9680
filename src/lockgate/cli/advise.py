"""``lockgate advise``: the security and performance advisors, on any target."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import Console, counted
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.advise.model import Comparison, Result


@click.command(name="advise")
@to_option
@click.option(
    "--type",
    "advisor",
    type=click.Choice(["security", "performance", "all"]),
    default="all",
    show_default=True,
    help="Which advisor to ask.",
)
@click.option("--ignore", multiple=True, metavar="NAMES", help="Leave these advices out.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare with what --json printed before: only what is new counts.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="From which severity on the exit code is 3.",
)
@common
def command(
    place: Workplace,
    target: str | None,
    advisor: str,
    ignore: tuple[str, ...],
    against: Path | None,
    fail_on: str,
) -> ExitCode:
    """Say what is unsafe or slow about a database as it stands; it is only read.

    The rules of check, asked about the schema that is there, and what only a running database can tell: indexes that
    nobody uses, bloat, old extensions, keys that run out. For a migration: save the results before it with --json, and
    give them to --against after it. Exit code 3 for what weighs as much as --fail-on.
    """
    found = place.target(target)
    results = _ask(place, found, frozenset(w for names in ignore for w in names.split(",") if w))
    results = tuple(one for one in results if advisor in ("all", one.advisor.value))
    comparison = _compare(against, results) if against else None
    _say(place, found.name, results, comparison)
    document: dict[str, Any] = {
        "command": "advise",
        "target": found.name,
        "results": [one.to_json() for one in results],
    }
    if comparison is not None:
        document["new"] = [one.to_json() for one in comparison.new]
        document["gone"] = [one.to_json() for one in comparison.gone]
    place.console.document(document)
    return _verdict(comparison.new if comparison else results, fail_on)


def _ask(place: Workplace, target: Any, ignore: frozenset[str]) -> tuple[Result, ...]:
    from lockgate.advise import live
    from lockgate.advise.examine import examine
    from lockgate.advise.written import RULES
    from lockgate.analysis.options import Options
    from lockgate.workflow.target import reading

    known = set(RULES) | {advice.id for advice in live.ALL}
    for word in sorted(ignore - known):
        raise UsageError(f"There is no advice {word!r}.", why="known: " + ", ".join(sorted(known)))
    settings = place.config.check
    served = place.config.supabase.api_schemas if place.config.supabase else ("public",)
    options = Options(
        platform=place.config.platform,
        ignore=ignore | (frozenset(settings.ignore) & frozenset(known)),
        exposed_schemas=frozenset(served),
    )
    with reading(place.config, target) as opened:
        return examine(opened.connection, options)


def _compare(path: Path, results: tuple[Result, ...]) -> Comparison:
    from lockgate.advise.model import Result, compare

    try:
        entries = json.loads(path.read_text("utf-8"))["results"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} holds no results of lockgate advise --json.",
            next_steps=["lockgate advise --json > before.json"],
        ) from error
    return compare([Result.from_json(entry) for entry in entries], results)


def _say(place: Workplace, target: str, results: tuple[Result, ...], comparison: Comparison | None) -> None:
    console = place.console
    if comparison is None:
        _list(place, results)
        console.say(_count(len(results), target))
        if results:
            console.say("  next    lockgate rules NAME    explains one of them")
        return
    for heading, some in (("new", comparison.new), ("gone", comparison.gone)):
        if some:
            console.say(f"{heading}:")
            _list(place, some)
    console.say(
        f"{len(comparison.new)} new, {len(comparison.gone)} gone, "
        f"{len(results) - len(comparison.new)} as before on {target}."
    )


_SHOWN = 5
"""So many findings of one kind are listed; ``--verbose`` lists all."""


def _list(place: Workplace, results: tuple[Result, ...]) -> None:
    def kind(one: Result) -> tuple[int, str]:
        return -one.severity.rank, one.advice

    for _, group in itertools.groupby(sorted(results, key=kind), key=kind):
        _list_kind(place.console, tuple(group))


def _list_kind(console: Console, group: tuple[Result, ...]) -> None:
    first = group[0]
    count = f"   {counted(len(group), 'time')}" if len(group) > 1 else ""
    console.say(f"  {first.severity.value:<7}  {console.style(first.advice, 'bold')}{count}")
    whys = {one.why for one in group}
    if len(whys) == 1 and first.why:
        console.say(f"           {first.why}")
    shown = group if console.verbose else group[:_SHOWN]
    for one in shown:
        console.say(f"         · {one.message}" + (f" {one.why}" if len(whys) > 1 else ""))
        for line in one.safe.splitlines():
            console.say(f"           safe    {line}")
    if len(shown) < len(group):
        console.say(f"         · and {len(group) - len(shown)} more; --verbose lists them")


def _count(number: int, target: str) -> str:
    if not number:
        return f"The advisors have nothing to say about {target}."
    return f"{counted(number, 'thing')} to look at on {target}; nothing was changed."


def _verdict(results: tuple[Result, ...], fail_on: str) -> ExitCode:
    from lockgate.types import Severity

    if fail_on == "never":
        return ExitCode.OK
    least = Severity(fail_on).rank
    return ExitCode.FINDINGS if any(one.severity.rank >= least for one in results) else ExitCode.OK
