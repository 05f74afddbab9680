"""The page on the local server says what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.cli.local import command
from lockgate.local.binaries import SEARCH_VARIABLE
from lockgate.local.flavours import CACHE_VARIABLE
from lockgate.local.substitutes import SUBSTITUTES

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "local-server.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(command.commands))
def test_each_command_is_explained(name) -> None:
    assert f"lockgate local {name}" in PAGE


@pytest.mark.parametrize("item", SUBSTITUTES, ids=lambda item: item.name)
def test_each_substitute_is_listed_with_its_meaning(item) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("|") and f"`{item.name}`" in line)
    assert line.endswith(f"| {item.meaning} |")


def test_the_environment_variables_are_named() -> None:
    assert SEARCH_VARIABLE in PAGE
    assert CACHE_VARIABLE in PAGE
