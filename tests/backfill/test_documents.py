"""What can be chosen or set stands in the documentation."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from lockgate.chunks.limits import Limits
from lockgate.chunks.signals import SIGNALS
from lockgate.chunks.walkers import WALKERS
from lockgate.cli.backfill import command

DOCS = Path(__file__).parents[2] / "docs"
TEXT = "".join((DOCS / folder / "backfills.md").read_text("utf-8") for folder in ("how-to", "explanation"))
WORDS = [
    *(signal.name for signal in SIGNALS),
    *(field.name for field in fields(Limits)),
    *(walker.name for walker in WALKERS),
    *(f"backfill {name}" for name in command.commands),
]


@pytest.mark.parametrize("word", WORDS)
def test_it_is_documented(word):
    assert word in TEXT
