"""Rows that are written between a migration and its rollback: whether they outlive it, and whether it still runs."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from tests.proving.kit import ProjectOnDisk

from lockgate.cli.frame import root
from lockgate.proving.history import Order

TABLE = "CREATE TABLE {0} (id int PRIMARY KEY, a text NOT NULL, b int);"
CASES = {
    "kept": ("ALTER TABLE kept ADD COLUMN c int;", "ALTER TABLE kept DROP COLUMN c;"),
    "refused": (
        "ALTER TABLE refused ALTER COLUMN a DROP NOT NULL;",
        "ALTER TABLE refused ALTER COLUMN a SET NOT NULL;",
    ),
    "lost": (
        "CREATE TABLE lost_before AS TABLE lost; UPDATE lost SET b = 0;",
        "TRUNCATE lost; INSERT INTO lost SELECT * FROM lost_before; DROP TABLE lost_before;",
    ),
    "untouched": ("CREATE TABLE elsewhere (id int);", "DROP TABLE elsewhere;"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> tuple[ProjectOnDisk, dict[str, str]]:
    project = ProjectOnDisk(tmp_path_factory.mktemp("newcomers") / "p")
    for name in CASES:
        project.add(TABLE.format(name), f"DROP TABLE {name};", name=f"create_{name}")
    return project, {name: project.add(forth, back, name=name) for name, (forth, back) in CASES.items()}


def test_what_becomes_of_rows_that_come_later(project):
    place, versions = project
    findings = place.prove(Order(frozenset(versions.values()), later=False, staircase=False))
    found = {name: findings.proofs[version].newcomers for name, version in versions.items()}
    assert all(findings.proofs[version].rollback == "exact" for version in versions.values())
    assert found["untouched"] is None
    assert found["kept"].to_json()["outcome"] == "kept"
    assert found["kept"].tables == ("public.kept",)
    assert found["refused"].to_json()["outcome"] == "refused"
    assert "contains null values" in str(found["refused"])
    told = found["lost"].to_json()
    assert (told["outcome"], told["tables"], told["error"]) == ("lost", ["public.lost"], None)
    assert re.fullmatch(r"([1-9]) of \1 in table public.lost", told["lost"][0])


def test_it_is_told_and_fails_nothing(project):
    place, versions = project
    words = ["test", versions["refused"], "--no-later", "--project", str(place.root)]
    said = CliRunner().invoke(root, words)
    assert said.exit_code == 0, said.output
    assert "once new rows are written, the rollback is refused" in said.output
    document = json.loads(CliRunner().invoke(root, [*words, "--json"]).stdout)
    assert document["migrations"][0]["after_new_rows"]["outcome"] == "refused"
