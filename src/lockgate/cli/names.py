"""``lockgate names``: convert file names between the two spellings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.config.sections.project import Spelling
    from lockgate.migration.renaming import Move
    from lockgate.workflow.respelling import Respelling


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
@click.option(
    "--in",
    "places",
    multiple=True,
    metavar="NAME|URL",
    help="Repair this environment's history; may be given again (default: all of lockgate.toml).",
)
@click.option("--files-only", is_flag=True, help="Leave every history as it is.")
@click.option("--write", is_flag=True, help="Do it; without it the changes are only listed.")
@click.option("--yes", is_flag=True, help="Do not ask for protected environments.")
@common
def convert(
    place: Workplace, to: Spelling, places: tuple[str, ...], files_only: bool, write: bool, yes: bool
) -> ExitCode:
    """Rename migrations, rollbacks and verify files, all or none, and let the histories follow.

    Versions, contents and checksums stay as they are. Every environment is looked at before the first file is renamed;
    when a conversion is stopped in its middle, the same command finishes it.
    """
    from lockgate.migration.files import discover
    from lockgate.migration.renaming import plan_renaming, rename, write_spelling
    from lockgate.workflow.respelling import look, repair

    if files_only and places:
        raise UsageError("--files-only and --in contradict each other.")
    console, project = place.console, discover(place.config)
    moves = plan_renaming(project, to)
    names = () if files_only else places or tuple(place.config.environments)
    histories = [look(place.config, project, moves, place.target(name)) for name in names]
    _show(place, moves, histories)
    if write:
        _ask(place, histories, yes)
        rename(moves)
        write_spelling(place.config, to)
        for history in histories:
            if history.is_needed:
                repair(place.config, history)
    console.document(_document(place, moves, histories, to, write))
    _say_next(place, moves, histories, to, write=write)
    return ExitCode.OK


def _ask(place: Workplace, histories: list[Respelling], yes: bool) -> None:
    protected = [one.target.name for one in histories if one.is_needed and one.target.protected]
    if protected:
        place.console.confirm(f"Change the history of {', '.join(protected)}?", assume_yes=yes)


def _show(place: Workplace, moves: tuple[Move, ...], histories: list[Respelling]) -> None:
    console = place.console
    console.table(("file", "new name"), [[_label(place, move), move.new.name] for move in moves])
    rows = [[one.target.name, row.old, row.new, row.name] for one in histories for row in one.rows]
    if rows:
        console.say("")
        console.table(("history of", "version", "new version", "name"), rows)


def _document(
    place: Workplace, moves: tuple[Move, ...], histories: list[Respelling], to: Spelling, write: bool
) -> dict[str, Any]:
    return {
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
        "histories": [
            {
                "target": one.target.name,
                "rows": [{"version": row.old, "new": row.new, "name": row.name} for row in one.rows],
            }
            for one in histories
        ],
    }


def _label(place: Workplace, move: Move) -> str:
    root = place.config.root
    return (move.old.relative_to(root) if move.old.is_relative_to(root) else move.old).as_posix()


def _say_next(
    place: Workplace, moves: tuple[Move, ...], histories: list[Respelling], to: Spelling, *, write: bool
) -> None:
    console = place.console
    behind = [one for one in histories if one.is_needed]
    if not moves and not behind:
        console.say("Every file and every history that was looked at has that spelling already.")
        return
    console.say("")
    count = f"{len(moves)} file{'' if len(moves) == 1 else 's'}"
    if not write:
        console.say(f"{count} would be renamed; nothing was changed.")
        console.say(f"  next    lockgate names convert --to {to} --write")
        return
    console.say(f"{count} renamed.")
    for one in behind:
        console.say(
            f"The history of {one.target.name} follows: {len(one.rows)} versions of the Supabase CLI."
        )
    if not histories and any(before != after for before, after in (move.cli_versions for move in moves)):
        console.say("          The Supabase CLI now sees other versions: its history must follow.")
        console.say(f"  next    lockgate names convert --to {to} --write --in NAME")
        return
    console.say("  next    lockgate status --to NAME")
