"""``init``: what a project is found to be, and the files that make it a Lockgate project; none is overwritten."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from lockgate.config.load import FILE_NAME
from lockgate.config.supabase import SupabaseSettings, read_supabase
from lockgate.errors import LockgateError, UsageError
from lockgate.migration.layouts import by_name, recognised
from lockgate.migration.layouts.model import Layout
from lockgate.migration.names import Spelling, parse_name
from lockgate.values import value

IGNORED: Final = ".lockgate/"
"""Where the local server and the caches live; never in version control."""


@value(frozen=True, slots=True)
class Wishes:
    """What the person said; None leaves it to what is found."""

    platform: str | None = None
    layout: str | None = None
    migrations: Path | None = None
    naming: Spelling | None = None
    postgres: int | None = None


@value(frozen=True, slots=True)
class Setting:
    """What the project is found to be."""

    root: Path
    platform: str
    layout: Layout
    folder: Path
    naming: Spelling
    postgres: int | None
    supabase: SupabaseSettings | None

    @property
    def rollbacks(self) -> Path:
        """The folder of the rollbacks."""
        return self._beside / "rollbacks"

    @property
    def verify(self) -> Path:
        """The folder of the verify files."""
        return self._beside / "verify"

    @property
    def _beside(self) -> Path:
        return self.folder if self.folder == self.root else self.folder.parent

    @property
    def keeps_rollbacks(self) -> bool:
        """Whether rollbacks have a folder of their own, because the layout has no other place for them."""
        return self.layout.name in ("supabase", "plain")


def examine(root: Path, wishes: Wishes) -> Setting:
    """Look at a folder and decide what project it is; raises UsageError when that cannot be decided."""
    supabase = read_supabase(root)
    platform = wishes.platform or ("supabase" if supabase else "postgres")
    layout, folder = _layout(root, wishes, platform)
    naming = wishes.naming or _naming(folder)
    postgres = wishes.postgres or (supabase.major_version if supabase else None)
    return Setting(root, platform, layout, folder, naming, postgres, supabase)


def _layout(root: Path, wishes: Wishes, platform: str) -> tuple[Layout, Path]:
    if wishes.layout:
        layout = by_name(wishes.layout)
        return layout, root / (wishes.migrations or _first_folder(root, layout))
    found = recognised(root)
    if wishes.migrations:
        folder = root / wishes.migrations
        fitting = [layout for layout, place in found if place == folder]
        return (fitting or [by_name("supabase" if platform == "supabase" else "plain")])[0], folder
    if platform == "supabase":
        return by_name("supabase"), root / "supabase" / "migrations"
    if len(found) > 1:
        shown = "; ".join(f"{place.relative_to(root)} ({layout.name})" for layout, place in found)
        raise UsageError(
            f"several folders hold migrations: {shown}",
            state="nothing was written",
            next_steps=[f"lockgate init --migrations {place.relative_to(root)}" for _, place in found],
        )
    return found[0] if found else (by_name("plain"), root / "migrations")


def _first_folder(root: Path, layout: Layout) -> str:
    return next((name for name in layout.folders if (root / name).is_dir()), layout.folders[0])


def _naming(folder: Path) -> Spelling:
    """The spelling of most of the files that have one; the guide's in an empty folder."""
    names = (parse_name(path.name) for path in folder.glob("*.sql"))
    counted = Counter(name.spelling for name in names if name and name.spelling)
    return counted.most_common(1)[0][0] if counted else "guide"


def settings_text(setting: Setting) -> str:
    """The text of a new ``lockgate.toml``."""
    template = resources.files("lockgate.migration").joinpath("templates", "lockgate.toml").read_text("utf-8")
    remotes = setting.supabase.remotes if setting.supabase else {}
    return template.format(
        platform=setting.platform,
        layout=setting.layout.name,
        migrations=_relative(setting, setting.folder),
        rollbacks=_relative(setting, setting.rollbacks),
        verify=_relative(setting, setting.verify),
        naming=setting.naming,
        postgres=f"postgres = {setting.postgres}" if setting.postgres else "# postgres = 17",
    ) + _remotes(name for name in remotes if name not in ("staging", "production"))


def _relative(setting: Setting, path: Path) -> str:
    return path.relative_to(setting.root).as_posix()


def _remotes(names: Iterable[str]) -> str:
    return "".join(
        f'\n[environments.{_key(name)}]\nurl = "env({_variable(name)})"\nprotected = true\n' for name in names
    )


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _variable(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).upper() + "_DATABASE_URL"


def write_setting(setting: Setting) -> tuple[Path, ...]:
    """Write what is missing of ``lockgate.toml``, the folders and the line in ``.gitignore``; returns what was written.

    Raises LockgateError when something cannot be written.
    """
    try:
        written = [*_make_folders(setting), *_write_settings(setting), *_ignore(setting.root)]
    except OSError as error:
        raise LockgateError(f"{error.filename} cannot be written: {error.strerror}") from error
    return tuple(written)


def _write_settings(setting: Setting) -> list[Path]:
    path = setting.root / FILE_NAME
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(settings_text(setting))
    except FileExistsError:
        return []
    return [path]


def _make_folders(setting: Setting) -> list[Path]:
    wanted = [setting.folder, *([setting.rollbacks] if setting.keeps_rollbacks else [])]
    for folder in wanted:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file, and a folder is wanted there")
    missing = [folder for folder in wanted if not folder.exists()]
    for folder in missing:
        folder.mkdir(parents=True)
        # git keeps no empty folders.
        (folder / ".gitkeep").touch()
    return missing


def _ignore(root: Path) -> list[Path]:
    path = root / ".gitignore"
    present = path.read_text("utf-8", "surrogateescape") if path.is_file() else ""
    if {IGNORED, "/" + IGNORED, ".lockgate", "/.lockgate"} & {line.strip() for line in present.splitlines()}:
        return []
    joint = "" if not present or present.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{joint}{IGNORED}\n")
    return [path]
