"""Directives: what only Lockgate understands in a file, written as ``-- lockgate: …`` comments and read strictly."""

from __future__ import annotations

from lockgate.migration.directives.reading import parse_directives
from lockgate.migration.directives.values import (
    Allow,
    Backfill,
    Change,
    Directive,
    Directives,
    Gate,
    Ignore,
    Irreversible,
    NoTransaction,
    PhaseName,
)

__all__ = [
    "Allow",
    "Backfill",
    "Change",
    "Directive",
    "Directives",
    "Gate",
    "Ignore",
    "Irreversible",
    "NoTransaction",
    "PhaseName",
    "parse_directives",
]
