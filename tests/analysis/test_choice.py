"""Which rules are on for which file, and how much their findings weigh."""

from __future__ import annotations

from lockgate.analysis.check import check
from lockgate.analysis.options import Options, Override
from lockgate.analysis.source import Source
from lockgate.types import Severity

DROP = "DROP TABLE gone;"
OLD = Source.from_text(DROP, "migrations/legacy/1_old.sql")
NEW = Source.from_text(DROP, "migrations/2_new.sql")


def found(options: Options) -> dict[str, list[str]]:
    report = check([OLD, NEW], options)
    return {source.file: [f.rule for f in report.findings if f.file == source.file] for source in (OLD, NEW)}


def test_a_rule_is_off_for_a_folder() -> None:
    override = Override(("migrations/legacy",), ignore=frozenset({"drop-table"}))
    files = found(Options(overrides=(override,)))
    assert "drop-table" not in files[OLD.file]
    assert "drop-table" in files[NEW.file]


def test_a_group_is_off_for_a_pattern() -> None:
    override = Override(("*/?_new.sql",), ignore=frozenset({"tables"}))
    files = found(Options(overrides=(override,)))
    assert "drop-table" in files[OLD.file]
    assert "drop-table" not in files[NEW.file]


def test_an_opt_in_rule_is_on_for_one_file_alone() -> None:
    override = Override(("migrations/2_new.sql",), select=frozenset({"missing-application-name"}))
    files = found(Options(overrides=(override,)))
    assert "missing-application-name" not in files[OLD.file]
    assert "missing-application-name" in files[NEW.file]


def test_the_last_override_decides() -> None:
    off = Override(("migrations",), ignore=frozenset({"drop-table"}))
    on = Override(("migrations/2_new.sql",), select=frozenset({"drop-table"}))
    assert ["drop-table" in rules for rules in found(Options(overrides=(off, on))).values()] == [False, True]
    assert ["drop-table" in rules for rules in found(Options(overrides=(on, off))).values()] == [False, False]


def test_an_ignore_for_a_rule_that_is_off_here_is_not_called_unused() -> None:
    text = "-- lockgate: ignore drop-table it was never used\nSELECT 1;"
    source = Source.from_text(text, "migrations/legacy/1_old.sql")
    override = Override(("migrations/legacy",), ignore=frozenset({"drop-table"}))
    assert [f.rule for f in check([source]).findings] == ["unused-suppression"]
    assert check([source], Options(overrides=(override,))).findings == ()


def test_a_rule_weighs_what_is_configured_before_its_group() -> None:
    severities = {"tables": Severity.INFO, "drop-table": Severity.WARNING}
    report = check([NEW], Options(severities=severities))
    assert {f.rule: f.severity for f in report.findings}["drop-table"] is Severity.WARNING
    report = check([NEW], Options(severities={"tables": Severity.INFO}))
    assert {f.rule: f.severity for f in report.findings}["drop-table"] is Severity.INFO


def test_what_weighs_nothing_is_off_unless_the_rule_itself_weighs_something() -> None:
    assert "drop-table" not in found(Options(severities={"tables": None}))[NEW.file]
    weighed = Options(severities={"tables": None, "drop-table": Severity.INFO})
    assert "drop-table" in found(weighed)[NEW.file]
