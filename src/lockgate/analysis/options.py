"""How to check: server version, runner, which rules and how heavy each weighs."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from lockgate.analysis.runners import LOCKGATE, Runner, Wrapping
from lockgate.types import Severity


@dataclass(frozen=True)
class Override:
    """Rules and groups that are on or off for some files.

    A path is a file, a folder, or a pattern in which ``*`` and ``?`` stand for any characters, ``/`` too.
    """

    paths: tuple[str, ...]
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def covers(self, file: str) -> bool:
        """Whether a file, as reports call it, is one of them."""
        return any(
            fnmatch.fnmatchcase(file, pattern) or fnmatch.fnmatchcase(file, f"{pattern.rstrip('/')}/*")
            for pattern in self.paths
        )


@dataclass(frozen=True)
class Options:
    """What the checker needs to know about the project.

    ``select`` names rules and groups, or holds ``all``; empty means every rule that is not opt-in. ``ignore`` names
    rules and groups to leave out. ``severities`` gives rules and groups another weight, None for none at all;
    ``rule_settings`` holds the settings of single rules. ``overrides`` say what differs for some files, a later one
    before an earlier one. ``exposed_schemas`` are those that an API serves to anonymous users.
    ``session`` holds run-time parameters that a session of the target begins with (``timezone``, ``search_path``).
    """

    major: int = 17
    minor: int | None = None
    transaction: Wrapping = "auto"
    runner: Runner = LOCKGATE
    platform: Literal["postgres", "supabase"] = "postgres"
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    rule_settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    exposed_schemas: frozenset[str] = frozenset({"public"})
    session: Mapping[str, str] = field(default_factory=dict)

    @property
    def beginning(self) -> Mapping[str, str]:
        """The parameters of a session before its first statement: those of the platform, and what is said."""
        return {**_OF_PLATFORM.get(self.platform, {}), **self.session}


_OF_PLATFORM: Final[Mapping[str, Mapping[str, str]]] = {"supabase": {"timezone": "UTC"}}


DEFAULT = Options()
