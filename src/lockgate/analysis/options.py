"""How to check: server version, runner, which rules and how heavy each weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lockgate.analysis.runners import LOCKGATE, Runner, Wrapping
from lockgate.types import Severity


@dataclass(frozen=True)
class Options:
    """What the checker needs to know about the project.

    ``select`` names rules and groups, or holds ``all``; empty means every rule that is not opt-in. ``ignore`` names
    rules and groups to leave out. ``severities`` overrides rules and groups; ``rule_settings`` holds the settings of
    single rules. ``exposed_schemas`` are those that an API serves to anonymous users.
    """

    major: int = 17
    minor: int | None = None
    transaction: Wrapping = "auto"
    runner: Runner = LOCKGATE
    platform: Literal["postgres", "supabase"] = "postgres"
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    rule_settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    exposed_schemas: frozenset[str] = frozenset({"public"})


DEFAULT = Options()
