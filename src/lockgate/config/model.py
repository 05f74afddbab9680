"""The settings of one project, complete with defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from lockgate.config.sections import SECTIONS, Check, Environment, Locks, Project
from lockgate.config.sections.project import Platform
from lockgate.config.supabase import SupabaseSettings
from lockgate.values import value

S = TypeVar("S")

DEFAULT_SERVER: Final = 17
"""The major version that is assumed when nothing says another: what Supabase creates today."""


@value(frozen=True, slots=True)
class Config:
    """The settings of one project.

    ``root`` is the project's folder (absolute), ``file`` its ``lockgate.toml`` or None when it has none,
    ``sections`` the tables of the file by name, ``supabase`` what ``supabase/config.toml`` says.
    """

    root: Path
    file: Path | None
    sections: Mapping[str, Any]
    environments: Mapping[str, Environment]
    supabase: SupabaseSettings | None = None

    def section(self, cls: type[S]) -> S:
        """The section of a class that :data:`lockgate.config.sections.SECTIONS` lists, with defaults if absent."""
        name = next(name for name, known in SECTIONS.items() if known is cls)
        return cast(S, self.sections[name])

    @property
    def project(self) -> Project:
        """The ``[project]`` section."""
        return self.section(Project)

    @property
    def locks(self) -> Locks:
        """The ``[locks]`` section."""
        return self.section(Locks)

    @property
    def check(self) -> Check:
        """The ``[check]`` section."""
        return self.section(Check)

    @property
    def platform(self) -> Platform:
        """What runs the database: as the file says, else "supabase" when there is a supabase/ folder."""
        return self.project.platform or ("supabase" if self.supabase else "postgres")

    @property
    def postgres(self) -> int:
        """The server's major version: lockgate.toml's, else supabase/config.toml's, else 17."""
        found = self.supabase.major_version if self.supabase else None
        return self.project.postgres or found or DEFAULT_SERVER

    def path(self, path: Path) -> Path:
        """A path of the settings as an absolute one."""
        return Path(os.path.normpath(self.root / path))
