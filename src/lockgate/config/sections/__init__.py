"""The sections of ``lockgate.toml``: one frozen dataclass in one file each, and this list of them."""

from __future__ import annotations

from typing import Final

from lockgate.config.sections.application import Application
from lockgate.config.sections.backfill import Backfill
from lockgate.config.sections.check import Check
from lockgate.config.sections.environment import Environment
from lockgate.config.sections.locks import Locks
from lockgate.config.sections.planning import Planning
from lockgate.config.sections.project import Project

SECTIONS: Final[dict[str, type]] = {
    "project": Project,
    "locks": Locks,
    "check": Check,
    "application": Application,
    "backfill": Backfill,
    "planning": Planning,
}
"""The tables that stand once; ``[environments.NAME]`` stands once for each target."""

__all__ = ["SECTIONS", "Application", "Backfill", "Check", "Environment", "Locks", "Planning", "Project"]
