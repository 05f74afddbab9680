"""Every case of every rule, and every example of every page."""

from __future__ import annotations

import pytest
from tests.rules.case_files import FOLDER, RULES, Case, document, examples, history_of, load, sources_of

from lockgate.analysis.check import check
from lockgate.analysis.findings import Finding
from lockgate.analysis.options import Options
from lockgate.analysis.rules import ALL
from lockgate.analysis.rules.base import Rule
from lockgate.analysis.source import Source
from lockgate.sql.parse import parse
from lockgate.types import Severity

CASES = list(load())
HEADINGS = ("Hazard", "When it bites", "Unsafe", "Safe", "Lock", "Versions", "References")


@pytest.mark.parametrize("case", [case for case in CASES if case.unsafe], ids=str)
def test_hazard_is_found(case: Case) -> None:
    found = case.findings()
    assert len(found) == case.data.get("count", len(case.data.get("lines", [0]))), found
    if "lines" in case.data:
        assert [finding.line for finding in found] == case.data["lines"]
    for finding in found:
        assert finding.message
        assert finding.why
        assert case.data.get("message", "") in finding.message
        assert finding.severity == case.data.get("severity", finding.severity)


@pytest.mark.parametrize("case", [case for case in CASES if not case.unsafe], ids=str)
def test_harmless_stays_silent(case: Case) -> None:
    assert case.findings() == []


@pytest.mark.parametrize("case", [case for case in CASES if case.unsafe], ids=str)
def test_safe_sql_is_sql_and_checks_clean(case: Case) -> None:
    for finding in case.findings():
        if "safe" in case.data:
            assert finding.safe == case.data["safe"].strip()
        assert case.data.get("safe_contains", "") in finding.safe
        if finding.safe and case.data.get("recheck", True):
            assert parse(finding.safe).failures == ()
            again = case.recheck(finding.safe)
            assert [f.message for f in again if f.rule == case.rule] == []


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_page_has_the_fixed_headings(rule: Rule) -> None:
    found = [line[3:] for line in rule.doc.splitlines() if line.startswith("## ")]
    assert tuple(found) == HEADINGS
    assert rule.title.endswith(".")
    assert examples(rule, "Unsafe"), "a page shows the hazard"


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_examples_of_the_page(rule: Rule) -> None:
    major = min(max(17, rule.since), rule.until)
    asked = document(rule.id).get("options", {})
    options = Options(major, select=frozenset({rule.id}), platform=rule.platform or "postgres", **asked)
    history = [Source.from_text(history_of(rule.id))] if history_of(rule.id) else []
    for sql in examples(rule, "Unsafe"):
        found = check(sources_of(sql), options, history).findings
        assert rule.id in {finding.rule for finding in found}
    for sql in examples(rule, "Safe"):
        assert parse(sql).failures == ()
        found = check(sources_of(sql), options, history).findings
        assert rule.id not in {finding.rule for finding in found if _counts(finding, rule)}


def _counts(finding: Finding, rule: Rule) -> bool:
    """A rule that weighs more may leave a remark on what is as safe as it gets."""
    return rule.severity is Severity.INFO or finding.severity is not Severity.INFO


def test_every_rule_has_cases_and_every_case_a_rule() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(RULES)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_every_rule_has_both_kinds_of_cases(rule: Rule) -> None:
    kinds = {case.unsafe for case in CASES if case.rule == rule.id}
    assert kinds == {True, False}


def test_ids_are_unique_and_named_after_their_files() -> None:
    assert len(RULES) == len(ALL)
    for rule in ALL:
        assert rule.check.__module__.rpartition(".")[2] == rule.id.replace("-", "_")
