"""``lockgate rules``: every id that anybody may ask for has an answer."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from lockgate.advise import live
from lockgate.analysis.rules import ALL
from lockgate.analysis.rules.elsewhere import ELSEWHERE, SAME_AS
from lockgate.cli.frame import root


def run(*words: str) -> Result:
    return CliRunner().invoke(root, list(words))


def listed(*words: str) -> dict[str, dict[str, object]]:
    return {entry["id"]: entry for entry in json.loads(run("rules", *words, "--json").stdout)["rules"]}


def test_the_list_says_who_tells_what() -> None:
    told = {name: entry["told_by"] for name, entry in listed().items()}
    assert {name for name, by in told.items() if by == "check"} == {rule.id for rule in ALL}
    assert set(told) == {one.id for one in (*ALL, *live.ALL, *ELSEWHERE)}
    assert told["unused-index"] == told["table-bloat"] == told["extension-outdated"] == "advise"
    assert told["insecure-queue-exposed"] == "check"
    assert told["sql-injection-in-migration"] is None


def test_a_group_holds_rules_alone() -> None:
    assert set(listed("security")) == {rule.id for rule in ALL if rule.group.value == "security"}


@pytest.mark.parametrize("name", [*(one.id for one in (*live.ALL, *ELSEWHERE)), *SAME_AS, "drop-table"])
def test_every_id_has_a_page(name: str) -> None:
    page = json.loads(run("rules", name, "--json").stdout)
    assert page["id"] == SAME_AS.get(name, name)
    assert page["doc"].startswith(page["title"])


def test_what_no_file_tells_cannot_be_selected() -> None:
    result = CliRunner().invoke(root, ["check", "-", "--select", "unused-index"], input="SELECT 1;")
    assert result.exit_code == 2
    assert "lockgate rules unused-index   says who tells it" in result.stderr
