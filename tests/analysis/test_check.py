"""Checking as a whole: history, places, fingerprints, ignores, bodies, the machine output."""

from __future__ import annotations

from typing import Any

import pytest

from lockgate.analysis.bodies import body_of
from lockgate.analysis.check import check
from lockgate.analysis.findings import Finding, Report
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.sql.parse import parse, parse_one
from lockgate.types import Severity

ONE = frozenset({"create-index-not-concurrent"})
INDEX = "CREATE INDEX t_a_idx ON t (a);"


def report(sql: str, history: str = "", **options: Any) -> Report:
    before = [Source.from_text(history, "history.sql")] if history else []
    return check([Source.from_text(sql, "change.sql")], Options(**{"select": ONE, **options}), before)


def findings(sql: str, history: str = "", **options: Any) -> tuple[Finding, ...]:
    return report(sql, history, **options).findings


def test_history_is_replayed_and_not_reported() -> None:
    found = report(INDEX, history=INDEX.replace("t_a_idx", "older"))
    assert [(f.file, f.rule) for f in found.findings] == [("change.sql", "create-index-not-concurrent")]
    assert (found.files, found.statements) == (1, 1)
    assert [m.file for m in found.migrations] == ["change.sql"]


def test_what_is_new_is_new_in_its_own_file_only() -> None:
    create = Source.from_text(f"CREATE TABLE t (a int); {INDEX}", "1.sql")
    later = Source.from_text("CREATE INDEX t_a2_idx ON t (a);", "2.sql")
    assert [f.file for f in check([create, later], Options(select=ONE)).findings] == ["2.sql"]


def test_a_table_that_was_rolled_back_is_not_new() -> None:
    sql = f"BEGIN; CREATE TABLE t (a int); ROLLBACK; {INDEX}"
    assert len(findings(sql)) == 1


def test_the_place_of_a_finding() -> None:
    (found,) = findings("SELECT 1;\n\n  CREATE INDEX t_a_idx\n    ON t (a);\nSELECT 2;")
    assert (found.line, found.column, found.end_line, found.statement) == (3, 3, 4, 1)


@pytest.mark.parametrize(
    "other",
    [
        "\n\n" + INDEX,
        "SELECT 1;\n" + INDEX,
        "CREATE INDEX   t_a_idx\n  ON t (a);",
        "-- a comment\n" + INDEX,
    ],
)
def test_a_fingerprint_survives_layout_and_other_statements(other: str) -> None:
    assert findings(other)[0].fingerprint == findings(INDEX)[0].fingerprint


def test_fingerprints_tell_repeated_statements_apart() -> None:
    found = findings("CREATE INDEX ON t (a); CREATE INDEX ON t (a);")
    assert len({finding.fingerprint for finding in found}) == 2


def test_a_fingerprint_changes_with_the_statement() -> None:
    assert findings(INDEX)[0].fingerprint != findings(INDEX.replace("(a)", "(b)"))[0].fingerprint


@pytest.mark.parametrize(
    "sql",
    [
        f"-- lockgate: ignore create-index-not-concurrent a tiny table\n{INDEX}",
        f"{INDEX} -- lockgate: ignore create-index-not-concurrent a tiny table",
        f"-- lockgate: ignore indexes a tiny table\n{INDEX}",
        f"-- lockgate: ignore drop-table, create-index-not-concurrent a tiny table\n{INDEX}",
    ],
)
def test_an_ignore_silences_its_statement(sql: str) -> None:
    assert findings(sql) == ()


def test_an_ignore_silences_no_other_statement() -> None:
    sql = f"-- lockgate: ignore create-index-not-concurrent a tiny table\n{INDEX}\nCREATE INDEX u_a_idx ON u (a);"
    assert [finding.statement for finding in findings(sql)] == [1]


def test_an_ignore_without_a_reason_silences_nothing() -> None:
    assert len(findings(f"-- lockgate: ignore create-index-not-concurrent\n{INDEX}")) == 1


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ({}, Severity.ERROR),
        ({"severities": {"create-index-not-concurrent": Severity.INFO}}, Severity.INFO),
        ({"severities": {"indexes": Severity.WARNING}}, Severity.WARNING),
    ],
)
def test_severity_can_be_configured_by_rule_and_by_group(options: dict[str, Any], severity: Severity) -> None:
    assert findings(INDEX, **options)[0].severity is severity


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"select": frozenset()}, True),
        ({"select": frozenset({"indexes"})}, True),
        ({"select": frozenset({"tables"})}, False),
        ({"select": frozenset(), "ignore": ONE}, False),
        ({"select": frozenset(), "ignore": frozenset({"indexes"})}, False),
        ({"select": frozenset({"all"})}, True),
        ({"select": frozenset({"all"}), "ignore": ONE}, False),
    ],
)
def test_rules_are_chosen_by_name_group_and_all(options: dict[str, Any], expected: bool) -> None:
    rules = {finding.rule for finding in findings(INDEX, **options)}
    assert ("create-index-not-concurrent" in rules) is expected


def test_opt_in_rules_are_off_until_they_are_asked_for() -> None:
    sql = "CREATE TABLE n (a bigint PRIMARY KEY, b bigint REFERENCES n ON DELETE CASCADE);"
    assert "fk-cascade-delete" not in {f.rule for f in findings(sql, select=frozenset())}
    assert "fk-cascade-delete" in {f.rule for f in findings(sql, select=frozenset({"all"}))}


def test_a_statement_that_cannot_be_parsed_does_not_stop_the_rest() -> None:
    found = report(f"CREATE TABEL x;\n{INDEX}", select=frozenset())
    assert {"syntax-error", "create-index-not-concurrent"} <= {finding.rule for finding in found.findings}
    assert found.unanalysed == 1


def test_do_blocks_run_and_function_bodies_do_not() -> None:
    do = "DO $$ BEGIN\n  CREATE INDEX t_a_idx ON t (a);\nEND $$;"
    function = do.replace("DO", "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS")
    assert [finding.line for finding in findings(do)] == [2]
    assert findings(function) == ()
    assert [finding.line for finding in findings(function + "\nSELECT f();")] == [4]


def test_sql_in_a_constant_is_read_and_other_dynamic_sql_is_counted() -> None:
    found = report(
        "DO $$ BEGIN\n  EXECUTE 'CREATE INDEX t_a_idx ON t (a)';\n  EXECUTE 'DROP TABLE ' || user;\nEND $$;"
    )
    assert [finding.line for finding in found.findings] == [2]
    assert found.unanalysed == 1


def test_dynamic_sql_that_its_author_answers_for_is_not_counted() -> None:
    do = "DO $$ BEGIN\n  EXECUTE current_setting('app.statement');\nEND $$;"
    answered = f"-- lockgate: ignore opaque-dynamic-sql x is a table of this very file\n{do}"
    assert (report(do).unanalysed, report(answered).unanalysed) == (1, 0)
    assert report(answered).findings == ()


def test_a_body_tells_statements_places_and_what_is_opaque() -> None:
    body = body_of(
        parse_one("DO $do$\nBEGIN\n  UPDATE t SET a = 1;\n  EXECUTE format('DROP TABLE %I', user);\nEND $do$")
    )
    assert body is not None
    assert [(s.kind, s.start.line, s.start.column) for s in body.statements] == [("UpdateStmt", 3, 3)]
    assert [(o.position.line, o.expression) for o in body.opaque] == [(4, "format('DROP TABLE %I', user)")]


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM t; SELECT 1'",
            ["DeleteStmt", "SelectStmt"],
        ),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'f'", None),
        ("DO LANGUAGE plpgsql $$ BEGIN IF true THEN DELETE FROM t; END IF; END $$", ["DeleteStmt"]),
        ("DO $$ BEGIN PERFORM 1; CALL p(); END $$", ["SelectStmt", "CallStmt"]),
        (
            "CREATE PROCEDURE p(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := 1; DELETE FROM t; END $$",
            ["DeleteStmt"],
        ),
        (
            "CREATE FUNCTION f(OUT n int) LANGUAGE plpgsql AS $$ BEGIN SELECT 1 INTO n; END $$",
            ["SelectStmt"],
        ),
    ],
)
def test_bodies_by_language(sql: str, kinds: list[str] | None) -> None:
    body = body_of(parse_one(sql))
    assert (body and [statement.kind for statement in body.statements]) == kinds


def test_a_body_that_cannot_be_read_says_so() -> None:
    body = body_of(parse_one("DO $$ BEGIN IF; END $$"))
    assert body is not None
    assert body.failure


def test_the_machine_output_has_the_fields_of_the_contract() -> None:
    document = report(INDEX).to_json()
    (finding,) = document["findings"]
    assert list(finding) == [
        *(
            "rule",
            "severity",
            "file",
            "line",
            "column",
            "end_line",
            "statement",
            "message",
            "why",
            "safe",
            "fingerprint",
        )
    ]
    (forecast,) = document["forecasts"]
    assert {"file", "statement", "line", "kind", "relations", "transactional", "blocks"} <= set(forecast)
    assert forecast["relations"] == [
        {"name": "public.t", "lock": "ShareLock", "rewrite": False, "scan": True}
    ]
    assert forecast["blocks"] == "writes"
    assert {"file", "version", "types", "risk"} <= set(document["migrations"][0])
    assert document["summary"] == {"files": 1, "statements": 1, "errors": 1, "warnings": 0, "unanalysed": 0}


def test_nothing_to_check() -> None:
    assert check([]).to_json()["summary"]["files"] == 0
    assert findings("-- only a comment") == ()


def test_the_same_input_gives_the_same_output() -> None:
    sql = f"{INDEX} DROP TABLE t; ALTER TABLE u ALTER c SET NOT NULL;"
    first, second = (report(sql, select=frozenset({"all"})).to_json() for _ in range(2))
    assert first == second


def test_sources_from_text_know_their_statements() -> None:
    assert (
        Source.from_text("SELECT 1; SELECT 2;").script.statements == parse("SELECT 1; SELECT 2;").statements
    )


def test_a_finding_points_to_its_command_of_alter_table() -> None:
    """In the file, in a DO block, and not in a string, which may stand in the file otherwise than it runs."""
    text = (
        "ALTER TABLE t\n  ADD COLUMN x int,\n  DROP COLUMN a;\n"
        "DO $$ BEGIN\n  ALTER TABLE t\n    ADD COLUMN y int,\n    DROP COLUMN b;\nEND $$;\n"
        "DO $$ BEGIN\nEXECUTE 'ALTER TABLE t\n  ALTER c SET DEFAULT ''x'',\n  DROP COLUMN c'; END $$;\n"
        "ALTER TABLE t\n  DROP COLUMN d;\n"
    )
    found = [f for f in check([Source.from_text(text)]).findings if f.rule == "drop-column"]
    assert [(f.line, f.column, f.end_line) for f in found] == [(3, 3, 3), (7, 5, 7), (10, 1, 10), (13, 1, 14)]
