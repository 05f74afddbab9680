"""``lockgate plan``: turn an unsafe change into safe phases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.cli.knowledge_options import impact_lines, knowledge_options, learn, say_source
from lockgate.cli.query_options import query_options
from lockgate.console import counted
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lockgate.analysis.findings import StatementForecast
    from lockgate.analysis.options import Options
    from lockgate.console import Console
    from lockgate.planning.changes import Change
    from lockgate.proving.application.verdict import Judgement
    from lockgate.workflow.application import Asked, Known
    from lockgate.workflow.knowledge import Asked as About
    from lockgate.workflow.knowledge import Knowledge
    from lockgate.workflow.proposing import Proposal
    from lockgate.workflow.weighing import Weighed


@click.command(name="plan")
@click.argument("change", nargs=-1, required=True, metavar="SQL|FILE|INTENT")
@click.option("--fill", metavar="EXPRESSION", help="What missing values become (for NOT NULL).")
@click.option(
    "--back",
    metavar="EXPRESSION",
    help="What an old value is, made of the new one (for a change of type whose USING computes).",
)
@click.option(
    "--postgres", type=click.IntRange(14, 18), help="The server's major version (default: the project's)."
)
@click.option("--write", is_flag=True, help="Write the parts as migrations with their rollbacks.")
@click.option(
    "--irreversible",
    is_flag=True,
    help="Write no rollback for what takes rows, instead of keeping them in side tables.",
)
@click.option(
    "--prove",
    is_flag=True,
    help="Try the queries of [application] before, between and after the parts, on a throwaway server.",
)
@click.option(
    "--versions",
    is_flag=True,
    help="Give the old and the new application a schema of views each, chosen by search_path or by an API's profile.",
)
@click.option(
    "--version-name",
    metavar="NAME",
    help="What the new version is called (default: v2, v3 …); implies --versions.",
)
@query_options
@knowledge_options
@common
def command(
    place: Workplace,
    change: tuple[str, ...],
    fill: str | None,
    back: str | None,
    postgres: int | None,
    write: bool,
    irreversible: bool,
    prove: bool,
    versions: bool,
    version_name: str | None,
    asked: Asked,
    about: About | None,
) -> ExitCode:
    """Turn a change into safe phases: expand, migrate, contract.

    The change is SQL, a file, or a few words: rename users.first_name to given_name; rename users to people; change
    orders.id to bigint; require users.email; drop users.nickname; drop logs; index users (email); unique users (email).
    A safe statement stays as it is. What the files do not tell is read from the target of --to (default: a throwaway
    server); with --to or --stats every part is weighed: how long it takes there, and who would wait.

    With the application's queries the parts are tried out: exit code 6, and nothing is written, when one of them would
    fail before the application was told to stop.
    """
    from lockgate.analysis.options import Options
    from lockgate.workflow.proposing import proposal_for, versions_of

    known = _known(place, asked) if prove or asked else None
    knowledge = learn(place, about)
    major = postgres or (knowledge.major if knowledge else place.config.postgres)
    session = knowledge.session if knowledge else {}
    options = Options(major=major, platform=place.config.platform, session=session)
    target = about.target if about is not None else None
    wanted = versions_of(place.config, version_name) if versions or version_name else None
    found = proposal_for(place.config, change, options, fill, target, knowledge, wanted, back)
    weighed = _weighed(found, options, knowledge)
    console = place.console
    _say(console, found.change, options.major, weighed)
    if knowledge is not None:
        say_source(console, knowledge)
    judgement = _prove(place, found, known, options.major) if known is not None else None
    stands = judgement is None or judgement.stands
    written = _write(place, found.change, options, keep=not irreversible) if write and stands else ()
    for path in written:
        console.say(f"  wrote   {os.path.relpath(path)}")
    if written:
        if found.file is not None:
            console.say(f"  note    {found.file.label} is replaced by these files: remove it")
        console.say("  next    lockgate check, then lockgate test")
    elif not stands:
        console.say(
            "  next    change the plan, or put a gate before the part that breaks them; nothing was written"
        )
    else:
        console.say("  next    the same command with --write   makes the migrations and their rollbacks")
    proof = {"application": judgement.to_json()} if judgement else {}
    weight = {"target": knowledge.to_json(), "impact": _impact_json(weighed)} if knowledge and weighed else {}
    console.document(_json(found.change) | {"written": [str(path) for path in written]} | proof | weight)
    return ExitCode.OK if stands else ExitCode.VERIFICATION_FAILED


def _weighed(proposal: Proposal, options: Options, knowledge: Knowledge | None) -> Weighed | None:
    if knowledge is None:
        return None
    from lockgate.workflow.weighing import weigh_proposal

    return weigh_proposal(proposal, options, knowledge.statistics)


def _impact_json(weighed: Weighed) -> dict[str, object]:
    return {
        "as_written": [forecast.to_json() for forecast in weighed.as_written],
        "parts": [[forecast.to_json() for forecast in part] for part in weighed.parts],
    }


def _known(place: Workplace, asked: Asked) -> Known:
    """The application's queries, read before anything is planned."""
    from lockgate.workflow.application import known_application

    return known_application(place.config, asked)


def _prove(place: Workplace, proposal: Proposal, known: Known, major: int) -> Judgement:
    from lockgate.cli.query_options import say
    from lockgate.workflow.application import prove_change

    with place.console.progress("trying the queries", len(proposal.change.parts) + 1, "halts") as progress:
        judgement = prove_change(
            place.config, proposal, known, major, lambda halt: progress.advance(1, halt.title)
        )
    say(place.console, judgement)
    return judgement


def _write(place: Workplace, change: Change, options: Options, *, keep: bool) -> tuple[Path, ...]:
    from datetime import UTC, datetime

    from lockgate.cli.new import author_of
    from lockgate.workflow.proposing import write

    now = datetime.now(UTC).replace(tzinfo=None)
    return write(place.config, change, options, author_of(place.config.root), now, keep=keep)


_UNREAD = "in the rollback file: --write derives it on a throwaway server"


def _say(console: Console, change: Change, major: int, weighed: Weighed | None) -> None:
    count = counted(len(change.parts), "file")
    console.say(console.style(change.name, "bold") + f"   PostgreSQL {major}   {count}")
    if weighed is not None:
        console.say("\n as written")
        _say_impact(console, weighed.as_written)
    kind = ""
    for number, part in enumerate(change.parts, 1):
        if part.gate:
            console.say(f"\n gate      {part.gate}")
        console.say()
        lead = f" {part.kind.value:<9}" if part.kind.value != kind else " " * 10
        kind = part.kind.value
        outside = "   (one statement at a time)" if part.one_by_one else ""
        console.say(f"{lead} {number}  {part.title}{outside}")
        for sql in part.sql:
            for line in f"{sql};".splitlines():
                console.say(console.style(f"              {line}", "dim"))
        if weighed is not None:
            _say_impact(console, weighed.parts[number - 1])
        undo = "in the rollback file" if part.back else part.final or _UNREAD
        console.say(f"              way back: {undo}")
        if part.application:
            console.say(f"              the new application {part.application}")
    console.say()
    for note in change.notes:
        console.say(f"  note    {note}")


def _say_impact(console: Console, forecasts: Sequence[StatementForecast]) -> None:
    """What the statements of a part mean for the target, all of them together."""
    from lockgate.analysis.impact.assess import summed

    impact = summed([forecast.impact for forecast in forecasts if forecast.impact is not None])
    for label, words in impact_lines(impact) if impact is not None else ():
        console.say(f"              {console.style(f'{label:<9}', 'dim')} {words}")


def _json(change: Change) -> dict[str, object]:
    return {
        "command": "plan",
        "change": change.name,
        "parts": [
            {
                "phase": part.kind.value,
                "title": part.title,
                "sql": list(part.sql),
                "rollback": list(part.back),
                "gate": part.gate,
                "application": part.application or None,
                "one_by_one": part.one_by_one,
            }
            for part in change.parts
        ],
        "notes": list(change.notes),
    }
