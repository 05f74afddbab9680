"""``lockgate names``: convert file names between the two spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.config.sections.project import Spelling
    from lockgate.migration.renaming import Move


@click.group(name="names")
def command() -> None:
    """Convert file names between the two spellings."""


@command.command(name="convert")
@click.option(
    "--to",
    "to",
    type=click.Choice(["guide", "supabase"]),
    required=True,
    help="guide: 20251201_140000_add_x.sql; supabase: 20251201140000_add_x.sql.",
)
@click.option("--write", is_flag=True, help="Rename the files; without it they are only listed.")
@common
def convert(place: Workplace, to: Spelling, write: bool) -> ExitCode:
    """Rename migrations, rollbacks and verify files, all or none.

    Versions, contents and checksums stay as they are.
    """
    from lockgate.migration.files import discover
    from lockgate.migration.renaming import plan_renaming, rename, write_spelling

    console, project = place.console, discover(place.config)
    moves = plan_renaming(project, to)
    if write:
        rename(moves)
        write_spelling(place.config, to)
    console.table(("file", "new name"), [[_label(place, move), move.new.name] for move in moves])
    console.document(
        {
            "command": "names convert",
            "to": to,
            "written": write,
            "files": [
                {
                    "file": _label(place, move),
                    "new": move.new.name,
                    "version": move.version,
                    "supabase_cli_version": {"before": move.cli_versions[0], "after": move.cli_versions[1]},
                }
                for move in moves
            ],
        }
    )
    _say_next(place, moves, to, write=write)
    return ExitCode.OK


def _label(place: Workplace, move: Move) -> str:
    root = place.config.root
    return (move.old.relative_to(root) if move.old.is_relative_to(root) else move.old).as_posix()


def _say_next(place: Workplace, moves: tuple[Move, ...], to: Spelling, *, write: bool) -> None:
    console = place.console
    if not moves:
        console.say("Every file has its name in that spelling already.")
        return
    console.say("")
    if not write:
        console.say(f"{len(moves)} files would be renamed; nothing was changed.")
        console.say(f"  next    lockgate names convert --to {to} --write")
        return
    console.say(f"{len(moves)} files renamed.")
    if any(before != after for before, after in (move.cli_versions for move in moves)):
        console.say("          The Supabase CLI now sees other versions: its history must follow.")
    console.say("  next    lockgate status --to NAME")
