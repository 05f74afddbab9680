"""The clean example project has no finding that counts; its unsafe changes have exactly one each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config import load
from lockgate.types import Severity
from lockgate.workflow import checking
from lockgate.workflow.wish import Wish

EXAMPLE = Path(__file__).parents[2] / "examples/valuecanvas"
HAZARDS = Path(__file__).parents[2] / "examples/hazards"
OPTIONS = Options(platform="supabase")


def sources(folder: Path) -> list[Source]:
    return [Source.from_text(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.sql"))]


def test_the_clean_project_is_clean() -> None:
    found = check(sources(EXAMPLE / "supabase/migrations"), OPTIONS).findings
    assert [(f.file, f.rule, f.message) for f in found if f.severity is not Severity.INFO] == []


def test_its_remarks_are_locks_that_others_feel() -> None:
    found = check(sources(EXAMPLE / "supabase/migrations"), OPTIONS).findings
    assert {f.rule for f in found} == {"create-table-fk-locks-referenced", "multiple-foreign-keys"}


def test_the_seeded_hazards_are_found_and_nothing_else() -> None:
    config = load(HAZARDS)
    chosen = checking.select(config, (), history=[config.path(path) for path in config.check.history])
    findings = checking.run(config, chosen, Wish(), cached=False).report.findings
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.severity is not Severity.INFO:
            found.setdefault(Path(finding.file).name, []).append(finding.rule)
    assert found == json.loads((HAZARDS / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("index_item_dates.sql", "create-index-not-concurrent"),
        ("rename_canvas_title.sql", "rename-column"),
        ("require_email.sql", "set-not-null-scan"),
        ("widen_comment_count.sql", "change-column-type"),
    ],
)
def test_each_unsafe_change_is_found(file: str, rule: str) -> None:
    change = Source.from_text((EXAMPLE / "unsafe" / file).read_text("utf-8"), file)
    found = check([change], OPTIONS, sources(EXAMPLE / "supabase/migrations")).findings
    assert rule in {finding.rule for finding in found if finding.severity is Severity.ERROR}
