"""``lockgate new``: a migration and its rollback from the guide's template."""

from __future__ import annotations

import re
from pathlib import Path

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError
from lockgate.types import MigrationType


@click.command(name="new")
@click.argument("description", nargs=-1, required=True)
@click.option(
    "--type",
    "types",
    multiple=True,
    default=["Schema"],
    metavar="TYPE",
    help="Schema, Data, RLS or Function; several joined by + (default: Schema).",
)
@click.option(
    "--date", "at", metavar="DATE", help="The day or the moment of the version, in UTC (default: now)."
)
@click.option("--author", metavar="NAME", help="The author (default: git's user.name).")
@common
def command(
    place: Workplace, description: tuple[str, ...], types: tuple[str, ...], at: str | None, author: str | None
) -> ExitCode:
    """Make a migration and its rollback from the guide's template.

    DESCRIPTION says in a few words what the migration does, a verb first: add user preferences.
    """
    from datetime import UTC, datetime

    from lockgate.migration.drafting import draft_migration, write_new
    from lockgate.migration.files import discover

    project = discover(place.config, strict=False)
    new = draft_migration(
        project,
        " ".join(description),
        types=_types(types),
        author=author or author_of(project.config.root),
        now=datetime.now(UTC).replace(tzinfo=None),
        at=at,
    )
    write_new(new)
    root = project.config.root
    back = new.files.back
    for remark in new.remarks:
        place.console.say(f"  note    {remark}")
    place.console.say(f"  wrote   {_shown(new.files.forth, root)}")
    if back:
        place.console.say(f"  wrote   {_shown(back, root)}")
    place.console.say("")
    place.console.say("  next    write the SQL in place of the TODO lines, then lockgate check")
    place.console.document(
        {
            "command": "new",
            "version": new.draft.version,
            "name": new.draft.description,
            "migration": _shown(new.files.forth, root),
            "rollback": _shown(back, root) if back else None,
            "types": list(new.draft.types),
            "risk": new.draft.declared_risk,
            "remarks": list(new.remarks),
        }
    )
    return ExitCode.OK


def _types(words: tuple[str, ...]) -> list[MigrationType]:
    known = {kind.value.lower(): kind for kind in MigrationType}
    found = [word.strip() for text in words for word in re.split(r"[+,/]", text)]
    wrong = [word for word in found if word.lower() not in known]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} is no type of migration",
            next_steps=["--type Schema, Data, RLS or Function, or several: --type Schema+RLS"],
        )
    return [known[word.lower()] for word in found]


def author_of(root: Path) -> str:
    """git's user.name in a folder, else the name of the account."""
    import getpass
    import subprocess

    try:
        told = subprocess.run(
            ["git", "-C", str(root), "config", "user.name"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return getpass.getuser()
    return told.stdout.strip() or getpass.getuser()


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
