from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lockgate.cli.frame import root

UNSAFE = "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, code: int) -> str:
    result = CliRunner().invoke(root, ["check", *words])
    assert result.exit_code == code, result.output
    return result.stdout


def test_any_file_anywhere_is_checked(folder: Path) -> None:
    (folder / "weird name.sql").write_text(UNSAFE)
    document = json.loads(run("weird name.sql", "--json", code=3))
    assert [f["rule"] for f in document["findings"]] == ["add-column-volatile-default"]
    assert document["forecasts"][0]["relations"] == [
        {"name": "public.users", "lock": "AccessExclusiveLock", "rewrite": True, "scan": True}
    ]
    assert document["summary"]["files"] == 1


def test_earlier_migrations_are_read_and_not_reported(folder: Path) -> None:
    earlier = folder / "earlier"
    earlier.mkdir()
    (earlier / "1_create_users.sql").write_text("CREATE TABLE users (id int);\nCREATE INDEX ON users (id);\n")
    (folder / "next.sql").write_text("ALTER TABLE users ALTER COLUMN id TYPE bigint;\n")
    document = json.loads(run("next.sql", "--history", "earlier", "--json", code=3))
    assert {f["file"] for f in document["findings"]} == {"next.sql"}
    assert "change-column-type" in {f["rule"] for f in document["findings"]}


@pytest.mark.parametrize("style", ["sarif", "github", "gitlab", "junit", "json", "text"])
def test_every_format_names_the_finding(style: str, folder: Path) -> None:
    (folder / "a.sql").write_text(UNSAFE)
    output = run("a.sql", "--format", style, code=3)
    assert "add-column-volatile-default" in output
    if style in ("sarif", "gitlab", "json"):
        json.loads(output)


def test_known_findings_stay_known(folder: Path) -> None:
    (folder / "a.sql").write_text(UNSAFE)
    run("a.sql", "--write-baseline", "known.json", code=0)
    assert json.loads(run("a.sql", "--baseline", "known.json", "--json", code=0))["findings"] == []
    (folder / "a.sql").write_text(UNSAFE + "DROP TABLE users;\n")
    assert json.loads(run("a.sql", "--baseline", "known.json", "--json", code=3))["findings"]


def test_what_cannot_be_found_or_chosen_is_said(folder: Path) -> None:
    (folder / "a.sql").write_text("SELECT 1;\n")
    run("no.sql", code=2)
    run("a.sql", "--select", "no-such-rule", code=2)
    run("a.sql", "--runner", "no-such-runner", code=2)
    assert "no hazard" in run("a.sql", "--format", "junit", code=0)


def test_a_statement_that_does_not_parse_does_not_hide_the_rest(folder: Path) -> None:
    (folder / "a.sql").write_text("SELEC 1;\n" + UNSAFE)
    rules = {f["rule"] for f in json.loads(run("a.sql", "--json", code=3))["findings"]}
    assert {"syntax-error", "add-column-volatile-default"} <= rules
