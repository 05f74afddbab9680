"""Hands the features to the engine: which executor carries out which kind of step."""

from __future__ import annotations

from lockgate.config import Config
from lockgate.engine.executors import Executors


def executors(config: Config) -> Executors:
    """The executors of this installation."""
    return {}
