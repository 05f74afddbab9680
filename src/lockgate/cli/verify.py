"""``lockgate verify``: does the target do what was meant?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.cli.picture_output import FILE, require_picture, require_writable, write_picture
from lockgate.console import counted
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.config import Target
    from lockgate.migration.model import Project
    from lockgate.verify.steps import Step
    from lockgate.workflow.verifying import Rls


@click.command(name="verify")
@click.argument("versions", nargs=-1, metavar="[VERSION…]")
@to_option
@click.option(
    "--rls/--no-rls", default=None, help="Try who may do what (default: when expectations are pinned)."
)
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="Try only this table or view; repeatable."
)
@click.option("--against", metavar="NAME|URL", help="Compare with another target.")
@click.option("--write", is_flag=True, help="Pin what was found as the expectations of the project.")
@click.option("--pgtap", type=FILE, metavar="FILE", help="Write what was found as pgTAP tests.")
@click.option("--picture", type=FILE, metavar="FILE", help="Draw the matrix as .svg or .html.")
@common
def command(
    place: Workplace,
    versions: tuple[str, ...],
    target: str | None,
    rls: bool | None,
    tables: tuple[str, ...],
    against: str | None,
    write: bool,
    pgtap: Path | None,
    picture: Path | None,
) -> ExitCode:
    """Verify a target: the author's queries, the state of the catalog, and row-level security.

    Runs the verify file of each applied migration (each query must return true) and the checks of the catalog, both
    read-only. With --rls, every table, view and function is tried as every kind of user that the policies know, in
    transactions that are rolled back; the local database is copied first. Exit code 6 when something is not as meant.
    """
    from lockgate.migration.files import discover
    from lockgate.verify.rls.expectations import read
    from lockgate.workflow.verifying import pins_of, rls_steps, verify_target

    if rls is False and (tables or against or write or pgtap or picture):
        raise UsageError("--no-rls leaves nothing to write, compare or draw")
    require_picture(picture)
    require_writable(pgtap)
    found, project = place.target(target), discover(place.config, strict=False)
    pins = read(pins_of(project))
    steps = [] if tables else verify_target(project, found, versions)
    wanted = rls or bool(tables or against or write or pgtap or picture) or (rls is None and pins is not None)
    tried = _try(place, project, found, tables, against) if wanted and not versions else None
    if tried is not None:
        steps += rls_steps(tried, pins_of(project), pinned=pins is not None and not write)
        _leave(place, project, tried, write=write, pgtap=pgtap, picture=picture)
    _tell(place, found, steps, tried)
    return ExitCode.VERIFICATION_FAILED if any(step.failed for step in steps) else ExitCode.OK


def _try(
    place: Workplace, project: Project, found: Target, tables: tuple[str, ...], against: str | None
) -> Rls:
    from lockgate.verify.rls.expectations import read
    from lockgate.workflow.verifying import pins_of, verify_rls

    with place.console.progress("probing", None, "relations") as progress:
        return verify_rls(
            place.config,
            found,
            read(pins_of(project)),
            only=tables,
            against=place.target(against) if against else None,
            tell=lambda done, total, name: progress.update(done, total=total, detail=name),
        )


def _leave(
    place: Workplace, project: Project, tried: Rls, *, write: bool, pgtap: Path | None, picture: Path | None
) -> None:
    """Write the files that were asked for."""
    from lockgate.verify.rls import expectations
    from lockgate.verify.rls import pgtap as tests
    from lockgate.verify.rls import picture as drawing
    from lockgate.workflow.verifying import pins_of

    if write:
        pins = expectations.read(pins_of(project))
        pins_of(project).write_text(expectations.write(tried.matrix, pins.accepted if pins else ()), "utf-8")
        place.console.say(f"wrote {pins_of(project)}")
    if pgtap is not None:
        pgtap.write_text(tests.render(tried.matrix), "utf-8")
        place.console.say(f"wrote {pgtap}")
    if picture is not None:
        write_picture(place, picture, drawing.TITLE, drawing.draw(tried.matrix), drawing.holes(tried.matrix))


def _tell(place: Workplace, found: Target, steps: list[Step], tried: Rls | None) -> None:
    from lockgate.cli.rls_output import rls_document, say_rls

    console = place.console
    console.table(
        ("", "what", "took", "result"),
        [
            [step.status, f"{step.kind} {step.id}", f"{step.seconds:.2f} s", step.error or ""]
            for step in steps
        ],
    )
    if tried is not None:
        console.say()
        say_rls(console, tried)
    failed = [step for step in steps if step.failed]
    for step in failed:
        for line in step.details if step.kind != "rls" or step.id == "rls-expectations" else []:
            console.say(f"  {line}")
    console.say()
    done = sum(step.status == "passed" for step in steps)
    console.say(
        f"{len(failed)} of {counted(len(steps), 'verification')} failed on {found.name}."
        if failed
        else f"{found.name} is as meant: {counted(done, 'verification')} passed."
    )
    console.document(
        {
            "command": "verify",
            "target": found.name,
            "steps": [step.to_json() for step in steps],
            "rls": rls_document(tried) if tried is not None else None,
            "summary": {"passed": done, "failed": len(failed), "skipped": len(steps) - done - len(failed)},
        }
    )
