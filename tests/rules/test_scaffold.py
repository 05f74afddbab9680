"""``scripts/new rule`` makes a rule's file, its line and its case file, in their places."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lockgate.analysis.rules.base import Group

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the scaffold touches."""
    for part in ("scripts/new", "src/lockgate/analysis/rules/__init__.py"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    (tmp_path / "tests/rules/cases").mkdir(parents=True)
    return tmp_path


def new(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, tree / "scripts/new", "rule", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("group", [group.value for group in Group])
def test_a_rule_is_begun(tree: Path, group: str) -> None:
    made = new(tree, "forbid-something", group)
    assert made.returncode == 0, made.stderr
    rules = tree / "src/lockgate/analysis/rules"
    text = (rules / "forbid_something.py").read_text("utf-8")
    compile(text, "forbid_something.py", "exec")
    assert f"group=Group.{group.upper()}," in text
    registry = (rules / "__init__.py").read_text("utf-8")
    assert registry.count("forbid_something") == 2
    before = registry.split("forbid_something.RULE")[0]
    assert before.rindex(f"    # {group}\n") > max(
        (before.rfind(f"    # {other.value}\n") for other in Group if other.value != group), default=-1
    )
    assert (tree / "tests/rules/cases/forbid-something.toml").exists()


def test_nothing_is_overwritten_and_names_are_checked(tree: Path) -> None:
    assert new(tree, "forbid-something", "tables").returncode == 0
    assert "exists already" in new(tree, "forbid-something", "tables").stderr
    assert "lower case" in new(tree, "ForbidSomething", "tables").stderr
    assert "not a group" in new(tree, "forbid-more", "nothing").stderr
