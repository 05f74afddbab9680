"""``lockgate verify``: does the target do what was meant?"""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode


@click.command(name="verify")
@to_option
@click.option("--rls", is_flag=True, help="Try who may do what with which rows.")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only these tables and views.")
@common
def command(place: Workplace, target: str | None, rls: bool, tables: tuple[str, ...]) -> ExitCode:
    """Verify a target."""
    from lockgate.cli.rls_output import say_matrix
    from lockgate.workflow.verifying import matrix_of

    found = place.target(target)
    with place.console.progress("probing", None, "relations") as progress:
        matrix, words = matrix_of(
            place.config,
            found,
            only=tables,
            tell=lambda done, total, name: progress.update(done, total=total, detail=name),
        )
    say_matrix(place.console, matrix, words)
    return ExitCode.OK
