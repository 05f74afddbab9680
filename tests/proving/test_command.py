"""``lockgate test`` as people and programs see it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from tests.proving.kit import ProjectOnDisk

from lockgate.cli.frame import root
from lockgate.integrations.junit import Case, Suite, render


@pytest.fixture
def project(tmp_path):
    project = ProjectOnDisk(tmp_path / "p")
    project.add("CREATE TABLE a (id int PRIMARY KEY, b text);", "DROP TABLE a;", name="create_a")
    return project


def lockgate(project, *words):
    return CliRunner().invoke(root, ["test", *words, "--project", str(project.root)])


def test_a_sound_project(project):
    project.add("ALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN c;", name="add_c")
    result = lockgate(project)
    assert result.exit_code == 0, result.output
    assert "2 migrations tried" in result.output
    assert "2 exact" in result.output
    assert "every landing as it was" in result.output


def test_a_wrong_rollback_ends_with_six_and_the_next_step(project):
    version = project.add("ALTER TABLE a DROP COLUMN b;", "ALTER TABLE a ADD COLUMN b text;", name="drop_b")
    result = lockgate(project)
    assert result.exit_code == 6
    assert "exact, but data lost" in result.output
    assert "the values of column b in table public.a" in result.output
    assert f"next    correct rollbacks/{version}_rollback.sql" in result.output


def test_what_is_declared_of_the_rows_is_told_as_declared(project):
    declared = "-- lockgate: irreversible what was filled may stay\nUPDATE a SET b = 'filled';"
    project.add(declared, "SELECT 1;", name="fill_b")
    result = lockgate(project)
    assert result.exit_code == 0, result.output
    assert "schema exact" in result.output
    assert "declared: what was filled may stay" in result.output
    assert "data lost" not in result.output


def test_machine_output(project):
    version = project.add("CREATE INDEX i ON a (b);", "SELECT 1;", name="index_b")
    result = lockgate(project, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 6
    entry = next(item for item in document["migrations"] if item["version"] == version)
    assert entry["file"].endswith("_index_b.sql")
    assert entry["applied"] is True
    assert entry["seconds"] >= 0
    assert entry["rollback"] == "differs"
    assert entry["data_restored"] is True
    assert entry["reapplied"] is False
    assert entry["idempotent"] is None
    assert any("index public.i" in text for text in entry["differences"])
    assert entry["error"] is None
    (lock,) = entry["locks"]
    assert lock["relations"] == [{"name": "public.a", "lock": "ShareLock", "rewrite": False, "scan": True}]
    assert (lock["statement"], lock["line"], lock["kind"]) == (0, 1, "IndexStmt")
    assert (lock["blocks"], lock["transactional"], lock["not_forecast"]) == ("writes", True, [])
    assert document["summary"]["rollbacks"]["differs"] == 1
    assert document["summary"]["ok"] is False


def test_missing_rollbacks_fail_only_when_they_are_required(project):
    project.add("CREATE TABLE b (id int);", name="create_b")
    assert lockgate(project, "--no-staircase", "--no-later").exit_code == 0
    result = lockgate(project, "--require-rollbacks", "--no-staircase", "--no-later")
    assert result.exit_code == 6
    assert "no rollback" in result.output


def test_one_version(project):
    version = project.add("CREATE TABLE b (id int);", "DROP TABLE b;", name="create_b")
    result = lockgate(project, version, "--json")
    assert [item["version"] for item in json.loads(result.stdout)["migrations"]] == [version]
    unknown = lockgate(project, "20990101000000")
    assert unknown.exit_code == 2
    assert "there is no migration" in unknown.output


def test_junit(project, tmp_path):
    project.add("ALTER TABLE a DROP COLUMN b;", "SELECT 1;", name="drop_b")
    file = tmp_path / "results.xml"
    lockgate(project, "--junit", str(file))
    (suite,) = ElementTree.parse(file).getroot()
    names = {case.get("name"): case for case in suite}
    assert suite.get("tests") == str(len(names))
    assert suite.get("failures") == "2"
    failed = next(case for name, case in names.items() if name.endswith("drop_b rolls back"))
    assert "leaves another schema" in failed.find("failure").get("message")
    assert "column public.a.b is gone" in failed.find("failure").text


def test_junit_bears_every_character():
    text = render(
        "s", [Suite("s", [Case("a\x00\x1b<>&\"'\ud800é", "g", failure="\x08]]>", details="\uffff")])]
    )
    (suite,) = ElementTree.fromstring(text.encode("utf-8"))
    assert suite.get("failures") == "1"


def test_an_empty_project(tmp_path):
    result = lockgate(ProjectOnDisk(tmp_path / "empty"))
    assert result.exit_code == 0, result.output
    assert "0 migrations tried" in result.output


def test_an_unreadable_rollback_is_a_finding_not_a_traceback(project):
    version = project.add("CREATE TABLE b (id int);", "DROP TABLE b;", name="create_b")
    (project.root / "rollbacks" / f"{version}_rollback.sql").write_bytes(b"DROP TABLE b; -- \xff\xfe")
    result = lockgate(project)
    assert result.exit_code == 6
    assert "rollback fails" in result.output
    assert "Traceback" not in result.output
