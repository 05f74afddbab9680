"""Settings: ``lockgate.toml``, ``supabase/config.toml``, ``.env`` files, and the targets they name."""

from __future__ import annotations

from lockgate.config.load import load
from lockgate.config.model import Config
from lockgate.config.sections import Check, Environment, Locks, Project
from lockgate.config.supabase import SupabaseSettings
from lockgate.config.targets import Target, resolve_target

__all__ = [
    "Check",
    "Config",
    "Environment",
    "Locks",
    "Project",
    "SupabaseSettings",
    "Target",
    "load",
    "resolve_target",
]
