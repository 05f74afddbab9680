"""What every command shares: words that do not fit, for people and for programs."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lockgate.cli.frame import root

MISFITS = [
    (["apply", "--dryrun"], "No such option '--dryrun'", "lockgate apply --help"),
    (["rollback", "to"], "Missing argument 'VERSION'", "lockgate rollback to --help"),
    (["aply"], "Did you mean 'apply'?", "lockgate --help"),
    (["check", "--format", "yaml"], "'yaml' is not one of", "lockgate check --help"),
]


@pytest.mark.parametrize(("words", "message", "remedy"), MISFITS)
def test_words_that_do_not_fit_are_told_to_people(words: list[str], message: str, remedy: str) -> None:
    result = CliRunner().invoke(root, words, prog_name="lockgate")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr


@pytest.mark.parametrize(("words", "message", "remedy"), MISFITS)
def test_words_that_do_not_fit_are_a_document_for_programs(
    words: list[str], message: str, remedy: str
) -> None:
    result = CliRunner().invoke(root, [*words, "--json"], prog_name="lockgate")
    told = json.loads(result.stdout)
    assert result.exit_code == told["exit_code"] == 2
    assert message in told["message"]
    assert told["next"][0].startswith(remedy)
    assert result.stderr == ""


def test_a_completion_script_is_a_document_too() -> None:
    plain = CliRunner().invoke(root, ["completion", "zsh"])
    told = json.loads(CliRunner().invoke(root, ["completion", "zsh", "--json"]).stdout)
    assert told["script"].strip() == plain.stdout.strip()
    assert "#compdef lockgate" in told["script"]
