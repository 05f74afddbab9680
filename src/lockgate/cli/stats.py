"""``lockgate stats``: how large, how busy and how fast a target is, as a file for those who may not connect to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.catalog.statistics.model import Statistics
    from lockgate.console import Console

_SHOWN = 12
"""More tables than this are only counted."""


@click.group(name="stats")
def command() -> None:
    """Sizes, traffic and speed of a target, for forecasts in seconds instead of in lock modes."""


@command.command(name="export")
@to_option
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write here.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600),
    default=1.0,
    show_default=True,
    help="Watch the counters for so long.",
)
@click.option(
    "--no-calibration",
    is_flag=True,
    help="Do not measure the server's speed (about a second, in a temporary table).",
)
@common
def export(
    place: Workplace, target: str | None, output: Path | None, seconds: float, no_calibration: bool
) -> ExitCode:
    """Write the statistics of a target as JSON: to FILE, or to the standard output.

    The file holds names and numbers: no rows, no text of any query, no password. `check`, `explain` and `plan` take it
    with --stats FILE. No table is read or locked; the calibration runs in a temporary table that is rolled back.
    """
    from lockgate.catalog.statistics.document import to_document
    from lockgate.workflow.knowledge import Asked, ask
    from lockgate.workflow.statistics_file import to_text

    found = place.target(target)
    asked = Asked(found.name, measure=not no_calibration, seconds=seconds)
    statistics = ask(place.config, found, asked).statistics
    console = place.console
    if output is None:
        console.output(to_text(statistics).rstrip("\n"))
        console.document(to_document(statistics))
        return ExitCode.OK
    output.write_text(to_text(statistics), "utf-8")
    _say(console, statistics)
    console.say(f"  wrote   {output}")
    console.say(f"  next    lockgate check --stats {output}")
    console.document({"command": "stats export", "target": found.name, "file": str(output)})
    return ExitCode.OK


def _say(console: Console, statistics: Statistics) -> None:
    from lockgate.analysis.impact.spans import number, size

    largest = sorted(statistics.tables, key=lambda table: -table.bytes)
    rows = []
    for table in largest[:_SHOWN]:
        indexes = sum(index.bytes for index in table.indexes)
        count = number(table.rows) if table.rows is not None else "unknown"
        scans, writes = table.scans.expected, table.row_writes.expected
        rates = [number(rate) if rate is not None else "unknown" for rate in (scans, writes)]
        rows.append([table.name, size(table.bytes + table.toast_bytes), count, size(indexes), *rates])
    console.table(("table", "size", "rows", "indexes", "scans/s", "rows written/s"), rows)
    if len(largest) > _SHOWN:
        console.say(f"and {len(largest) - _SHOWN} smaller tables")
    speed = statistics.calibration
    if speed is not None:
        console.say(
            f"\nreads {size(speed.scan_bytes)}/s, rewrites {size(speed.rewrite_bytes)}/s, "
            f"indexes {number(speed.index_rows)} rows/s (measured in {speed.seconds:g} s)"
        )
    for remark in statistics.remarks:
        console.say(f"  note    {remark}")
