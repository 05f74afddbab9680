"""``lockgate test``: prove each migration and its rollback on a throwaway database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.cli.query_options import query_options
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.migration.model import Project
    from lockgate.proving.application.verdict import Judgement
    from lockgate.proving.dumps import Dump
    from lockgate.proving.report import Report
    from lockgate.proving.workers import Job
    from lockgate.workflow.application import Asked, Known


@click.command(name="test")
@click.argument("versions", nargs=-1, metavar="[VERSION…]")
@click.option(
    "--postgres",
    "major",
    type=click.IntRange(15, 18),
    help="The server's major version (default: the project's).",
)
@click.option(
    "--rows",
    type=click.IntRange(0, 1000),
    show_default="12, with --dump 0",
    help="Generated rows for each empty table; 0 proves on empty tables.",
)
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A seed file to use besides generated rows (default: the project's).",
)
@click.option(
    "--dump",
    type=click.Path(exists=True, path_type=Path),
    help="Prove what is pending on a database restored from a dump of pg_dump, over its rows.",
)
@click.option(
    "--dump-at",
    metavar="VERSION",
    help="The last migration that the dump has (default: what its history says).",
)
@click.option("--no-seed", is_flag=True, help="Leave the project's seed out.")
@click.option(
    "--staircase/--no-staircase", default=True, help="Walk down through all rollbacks and up again."
)
@click.option("--later/--no-later", default=True, help="Try each rollback after all later migrations.")
@click.option("--require-rollbacks", is_flag=True, help="A migration without rollback fails the test.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1, 32), help="Worker processes (default: one for each processor)."
)
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the results as JUnit XML, too.",
    metavar="FILE",
)
@click.option("--rls", is_flag=True, help="Instead, compare who may do what before and after.")
@click.option(
    "--pin", is_flag=True, help="With --rls: pin what was found as the expectations of the project."
)
@query_options
@click.option("--no-queries", is_flag=True, help="Leave the queries of [application] out.")
@common
def command(
    place: Workplace,
    versions: tuple[str, ...],
    major: int | None,
    rows: int | None,
    dump: Path | None,
    dump_at: str | None,
    seeds: tuple[Path, ...],
    no_seed: bool,
    staircase: bool,
    later: bool,
    require_rollbacks: bool,
    jobs: int | None,
    junit: Path | None,
    rls: bool,
    pin: bool,
    no_queries: bool,
    asked: Asked,
) -> ExitCode:
    """Prove each migration and its rollback on a throwaway server.

    Every migration is applied, undone, applied again and applied twice, over generated rows; schema and data are
    compared in between. The application's queries are tried after each migration: one that worked and no longer does,
    without a gate before it, fails the test. Nothing but a server of this command's own is touched. Exit code 6 when a
    proof fails.

    With --rls, who may do what with which rows is compared before and after the newest migration, or those named.
    """
    from lockgate.migration.files import discover
    from lockgate.proving.history import Order
    from lockgate.proving.workers import Job, sensible_number

    project = discover(place.config)
    if rls:
        from lockgate.cli.comparing_rls import run

        planted = () if no_seed else seeds or _project_seeds(place)
        return run(place, project, versions, major or place.config.postgres, planted, pin=pin)
    wanted = frozenset(project.find(text).version for text in versions) or None
    known = None if no_queries else _known(place, asked)
    order = Order(wanted, _rows(rows, dump), staircase, later, _dump(project, dump, dump_at))
    seed_files = () if no_seed or (dump and not seeds) else seeds or _project_seeds(place)
    job = Job(place.config.root, major or place.config.postgres, order, tuple(seed_files))
    workers = jobs or (1 if dump else sensible_number(len(wanted or project.migrations)))
    report = _prove(place, project, job, workers, require_rollbacks)
    judgement = _try_queries(place, known, wanted, job.major) if known is not None else None
    _tell(place, report, judgement, junit)
    stands = report.stands and (judgement is None or judgement.stands)
    return ExitCode.OK if stands else ExitCode.VERIFICATION_FAILED


def _known(place: Workplace, asked: Asked) -> Known | None:
    """The application's queries, read before anything is tried; None where nothing says what they are."""
    from lockgate.workflow.application import is_described, known_application

    return known_application(place.config, asked) if asked or is_described(place.config) else None


def _try_queries(place: Workplace, known: Known, wanted: frozenset[str] | None, major: int) -> Judgement:
    from lockgate.workflow.application import prove_history

    with place.console.progress("trying the queries", None, "migrations") as progress:
        return prove_history(place.config, known, major, wanted, lambda halt: progress.advance(1, halt.title))


def _rows(rows: int | None, dump: Path | None) -> int:
    from lockgate.proving.rows.fill import ROWS

    return rows if rows is not None else 0 if dump else ROWS


def _dump(project: Project, path: Path | None, at: str | None) -> Dump | None:
    from lockgate.proving.dumps import Dump

    if path is None:
        if at is not None:
            raise UsageError("--dump-at says where a dump stands, and there is no --dump")
        return None
    return Dump(path.resolve(), None if at is None else project.find(at).version)


def _project_seeds(place: Workplace) -> tuple[Path, ...]:
    found = place.config.supabase
    return found.seed_files() if found is not None else ()


def _prove(place: Workplace, project: Project, job: Job, workers: int, require_rollbacks: bool) -> Report:
    from lockgate.local import flavours
    from lockgate.proving.foretelling import compare, foretell_history
    from lockgate.proving.history import Findings
    from lockgate.proving.report import Report
    from lockgate.proving.result import Proof
    from lockgate.proving.workers import run

    findings = Findings()
    started = time.monotonic()
    wanted = [item for item in project.migrations if job.order.wants(item)]
    with place.console.progress("proving", len(wanted), "migrations") as progress:

        def take(topic: str, value: object) -> None:
            findings.take(topic, value)
            if isinstance(value, Proof):
                progress.advance(1, value.version)
                place.console.event("proof", version=value.version, rollback=value.rollback.value)

        run(job, take, workers=workers)
    forecasts = foretell_history(project.migrations, job.major, flavours.named(place.config.platform))
    proofs = tuple(compare(proof, forecasts) for proof in findings.in_order(project.migrations))
    return Report(
        proofs=proofs,
        stairs=tuple(sorted(findings.stairs, key=lambda stairs: stairs.bottom)),
        unfilled=tuple(sorted(findings.unfilled.items())),
        major=job.major,
        seconds=time.monotonic() - started,
        workers=workers,
        require_rollbacks=require_rollbacks,
        restored=findings.restored,
    )


def _tell(place: Workplace, report: Report, judgement: Judgement | None, junit: Path | None) -> None:
    from lockgate.cli import query_options
    from lockgate.cli.proof_output import cases, say
    from lockgate.integrations.junit import Suite, render

    if junit is not None:
        tried = [Suite("queries", query_options.cases(judgement))] if judgement is not None else []
        document = render("lockgate test", [Suite("lockgate test", cases(report)), *tried])
        junit.write_text(document + "\n", encoding="utf-8")
    proof = {"application": judgement.to_json()} if judgement else {}
    place.console.document(report.to_json() | proof)
    if judgement is not None:
        query_options.say(place.console, judgement)
    say(place.console, report, judgement.breaks_at if judgement is not None else None)
