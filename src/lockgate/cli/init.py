"""``lockgate init``: make a folder a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from lockgate.cli.frame import Workplace, common
from lockgate.config.sections.project import LayoutName
from lockgate.console import counted
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.migration.model import Project
    from lockgate.migration.setup import Setting


@click.command(name="init")
@click.option("--platform", type=click.Choice(["supabase", "postgres"]), help="What runs the database.")
@click.option("--layout", type=click.Choice(get_args(LayoutName)), help="How the migration files are named.")
@click.option("--migrations", type=click.Path(path_type=Path), metavar="DIR", help="The migrations' folder.")
@click.option("--naming", type=click.Choice(["guide", "supabase"]), help="The spelling of new names.")
@click.option("--postgres", type=click.IntRange(14, 18), metavar="MAJOR", help="The server's major version.")
@common
def command(place: Workplace, **wishes: object) -> ExitCode:
    """Make this folder a Lockgate project.

    Looks for migrations of any known layout and for supabase/config.toml, and writes lockgate.toml, the folder of the
    rollbacks and a line in .gitignore. Nothing that is there is overwritten.
    """
    from lockgate.config import load
    from lockgate.migration.files import discover
    from lockgate.migration.setup import Wishes, examine, write_setting

    root = place.start.absolute()
    setting = examine(root, Wishes(**wishes))  # type: ignore[arg-type]
    was_there = (root / "lockgate.toml").exists()
    written = [_shown(root, path) for path in write_setting(setting)]
    project = discover(load(root), strict=False)
    _tell(place, setting, project, written, was_there=was_there)
    place.console.document(
        {
            "command": "init",
            "project": str(root),
            "platform": setting.platform,
            "layout": project.layout.name,
            "naming": setting.naming,
            "postgres": project.config.postgres,
            "written": written,
            "migrations": len(project.migrations),
            "without_rollback": sum(item.rollback is None for item in project.migrations),
            "problems": [str(problem) for problem in project.problems],
            "notices": [{"file": notice.path, "message": notice.message} for notice in project.notices],
        }
    )
    return ExitCode.OK


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() + ("/" if path.is_dir() else "")


def _tell(
    place: Workplace, setting: Setting, project: Project, written: list[str], *, was_there: bool
) -> None:
    console, count = place.console, len(project.migrations)
    if was_there:
        console.say("lockgate.toml is there already and was left as it is.")
    for path in written:
        console.say(f"  wrote   {path}")
    version = project.config.postgres
    console.say(
        f"{setting.platform} project, layout {project.layout.name}, PostgreSQL {version}, {_count(count)}."
    )
    for problem in project.problems:
        console.warn(str(problem))
    for notice in project.notices:
        console.note(f"{notice.path}: {notice.message}")
    missing = sum(item.rollback is None for item in project.migrations)
    if missing:
        console.say(f"{missing} of them {'has' if missing == 1 else 'have'} no rollback.")
    console.say("")
    console.say(f"  next    {_next_step(count, missing)}")


def _count(count: int) -> str:
    return counted(count, "migration")


def _next_step(count: int, missing: int) -> str:
    if not count:
        return 'lockgate new "add user preferences"      makes the first migration and its rollback'
    if missing:
        return "lockgate check      finds every hazard; lockgate rollback write derives the missing rollbacks"
    return "lockgate check      finds every hazard in the migrations"
