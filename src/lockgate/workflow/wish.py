"""How somebody asks for a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says of how to check; what is None or empty is as ``lockgate.toml`` says."""

    postgres: int | None = None
    transaction: Literal["auto", "always", "never"] | None = None
    runner: str | None = None
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
