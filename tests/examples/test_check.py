"""The analysis on the example: nothing to say about the clean history, exactly the seeded hazard in each other file."""

from __future__ import annotations

import pytest
from tests.examples import valuecanvas
from tests.examples.test_hazards import EXPECTED, hazards

from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.rules import ALL
from lockgate.analysis.source import Source
from lockgate.types import Severity

OPTIONS = Options(platform="supabase")
KNOWN = {rule.id for rule in ALL}
HISTORY = [Source.from_migration(migration) for migration in valuecanvas.project().migrations]


def test_history_is_clean() -> None:
    report = check(HISTORY, OPTIONS)
    assert [(f.file, f.line, f.rule) for f in report.findings if f.severity.rank > Severity.INFO.rank] == []
    assert report.unanalysed == 0


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_each_hazard_is_found_and_nothing_else(major: int) -> None:
    sources = [Source.from_migration(migration) for migration in hazards().migrations]
    report = check(sources, Options(platform="supabase", major=major), HISTORY)
    found: dict[str, set[str]] = {name: set() for name in EXPECTED}
    for finding in report.findings:
        found[finding.file.rpartition("/")[2]].add(finding.rule)
    assert found == {name: set(rules) & KNOWN for name, rules in EXPECTED.items()}
    missing = sorted(rule for rules in EXPECTED.values() for rule in rules if rule not in KNOWN)
    if missing:
        pytest.skip(f"all but these, which are no rules yet: {', '.join(missing)}")
