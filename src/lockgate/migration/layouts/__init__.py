"""The layouts of SQL migrations that are read as they are, and how the one of a project is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lockgate.config import Config
from lockgate.errors import ConfigError, UsageError
from lockgate.migration.layouts.dbmate import Dbmate
from lockgate.migration.layouts.diesel import Diesel
from lockgate.migration.layouts.flyway import Flyway
from lockgate.migration.layouts.golang_migrate import GolangMigrate
from lockgate.migration.layouts.goose import Goose
from lockgate.migration.layouts.model import Layout
from lockgate.migration.layouts.plain import Plain
from lockgate.migration.layouts.prisma import Prisma
from lockgate.migration.layouts.sqitch import Sqitch
from lockgate.migration.layouts.sqlx import Sqlx
from lockgate.migration.layouts.supabase import Supabase

LAYOUTS: Final[tuple[Layout, ...]] = (
    Supabase(),
    Sqitch(),
    Prisma(),
    Diesel(),
    Dbmate(),
    Goose(),
    Flyway(),
    Sqlx(),
    GolangMigrate(),
    Plain(),
)
"""Every layout, the more distinctive before the more general."""


def by_name(name: str) -> Layout:
    """The layout of a name; the configuration allows no other."""
    return next(layout for layout in LAYOUTS if layout.name == name)


def choose(config: Config) -> tuple[Layout, Path]:
    """The layout of a project and the folder of its migrations, which need not exist in an empty Supabase project.

    What ``[project]`` says counts; the rest is found by looking. Raises ConfigError when two fit, UsageError when
    none does.
    """
    configured = config.project.migrations
    folder = config.path(configured) if configured else None
    if folder and not folder.is_dir():
        raise ConfigError(
            f"{config.file}: project.migrations: there is no folder {configured}",
            next_steps=[f"mkdir -p {configured}", "or correct the path"],
        )
    if config.project.layout:
        layout = by_name(config.project.layout)
        return layout, folder or _folder_of(config.root, layout)
    if folder:
        return _layout_of(config, folder), folder
    return _look(config)


def _folder_of(root: Path, layout: Layout) -> Path:
    folders = [root / name for name in layout.folders]
    recognised = [folder for folder in folders if folder.is_dir() and layout.recognises(root, folder)]
    existing = [folder for folder in folders if folder.is_dir()]
    return (recognised or existing or folders)[0]


def _layout_of(config: Config, folder: Path) -> Layout:
    found = (layout for layout in LAYOUTS if layout.recognises(config.root, folder))
    return next(found, by_name("supabase" if config.platform == "supabase" else "plain"))


def _look(config: Config) -> tuple[Layout, Path]:
    found = recognised(config.root)
    if config.project.platform == "supabase" or (config.supabase and not found):
        return by_name("supabase"), config.root / "supabase" / "migrations"
    if not found and config.file:
        return by_name("plain"), config.root / "migrations"
    if not found:
        raise UsageError(
            f"no migrations found in {config.root}",
            why="no folder here holds migrations of a known layout",
            next_steps=["lockgate init        makes a project here", "or name the folder with --project DIR"],
        )
    if len(found) > 1:
        raise _ambiguous(config, found)
    return found[0]


def recognised(root: Path) -> list[tuple[Layout, Path]]:
    """Each folder of a project that holds migrations, with its layout, in the order of the registry."""
    taken: dict[Path, Layout] = {}
    for layout in LAYOUTS:
        for name in layout.folders:
            folder = root / name
            if folder not in taken and folder.is_dir() and layout.recognises(root, folder):
                taken[folder] = layout
    return [(layout, folder) for folder, layout in taken.items()]


def _ambiguous(config: Config, found: list[tuple[Layout, Path]]) -> ConfigError:
    shown = [(layout.name, folder.relative_to(config.root).as_posix()) for layout, folder in found]
    return ConfigError(
        "several folders hold migrations: " + ", ".join(f"{folder} ({name})" for name, folder in shown),
        next_steps=[
            f'write layout = "{name}" and migrations = "{folder}" into [project] of lockgate.toml'
            for name, folder in shown
        ],
    )
