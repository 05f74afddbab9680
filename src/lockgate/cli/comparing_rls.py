"""``lockgate test --rls``: what migrations change in who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockgate.cli.frame import Workplace
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.migration.model import Project
    from lockgate.workflow.rls_testing import Compared


def run(
    place: Workplace,
    project: Project,
    versions: Sequence[str],
    major: int,
    seeds: Sequence[Path],
    *,
    pin: bool,
) -> ExitCode:
    """Compare row-level security before and after migrations, say what is different, and pin it when told to."""
    from lockgate.verify.rls.expectations import read
    from lockgate.workflow.rls_testing import compare_migrations
    from lockgate.workflow.verifying import pins_of

    wanted = [project.find(text).version for text in versions]
    pins = None if pin else read(pins_of(project))
    with place.console.progress("applying", len(project.migrations), "migrations") as progress:
        found = compare_migrations(
            place.config,
            project,
            wanted,
            major,
            seeds=seeds,
            pins=pins,
            tell=lambda done, total, name: progress.update(done, total=total, detail=name),
        )
    if pin:
        _pin(place, project, found)
    for item in found:
        _say(place.console, item)
    place.console.document({"command": "test --rls", "migrations": [_document(item) for item in found]})
    stands = all(item.stands for item in found)
    return ExitCode.OK if stands else ExitCode.VERIFICATION_FAILED


def _pin(place: Workplace, project: Project, found: Sequence[Compared]) -> None:
    from lockgate.verify.rls import expectations
    from lockgate.workflow.verifying import pins_of

    path = pins_of(project)
    matrix = found[-1].matrix if found else None
    if matrix is None:
        return
    known = expectations.read(path)
    path.write_text(expectations.write(matrix, known.accepted if known else ()), "utf-8")
    for item in found:
        item.unsaid, item.mismatches = [], []
    place.console.say(f"wrote {path}")


def _say(console: Console, item: Compared) -> None:
    from lockgate.cli.rls_output import say_hole

    if item.failure is not None:
        console.say(f"{item.version}  could not be applied: {item.failure}")
        return
    unsaid = set(map(str, item.unsaid))
    word = f"{len(unsaid)} unannounced" if unsaid else "as announced" if item.changes else "unchanged"
    console.say(f"{item.version}  row-level security {word}")
    for change in item.changes:
        mark = (
            console.style("opened", "red")
            if str(change) in unsaid
            else "allowed"
            if change.widened
            else "closed"
        )
        console.say(f"  {mark:<8}  {change}")
    for mismatch in item.mismatches:
        console.say(f"  differs   {mismatch}")
    for unused in item.unused:
        console.warn(f"{item.version}: allow {unused} allows nothing that the file opens")
    for hole in item.holes:
        say_hole(console, hole)
    if item.unsaid:
        first = item.unsaid[0]
        console.say()
        console.say(
            f"  next    -- lockgate: allow {first.persona} {first.command} on {first.relation} REASON"
            "   in the migration, when it is meant"
        )


def _document(item: Compared) -> dict[str, Any]:
    from lockgate.cli.rls_output import change_document, hole_document, matrix_document

    return {
        "version": item.version,
        "stands": item.stands,
        "changes": [change_document(change) for change in item.changes],
        "unannounced": [str(change) for change in item.unsaid],
        "holes": [hole_document(hole) for hole in item.holes],
        "mismatches": [str(mismatch) for mismatch in item.mismatches],
        "unused": item.unused,
        "matrix": matrix_document(item.matrix) if item.matrix is not None else None,
        "error": item.failure,
    }
