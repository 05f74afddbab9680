"""Input that nobody planned for: every statement form, every runner, and what is far too large or too deep."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.locks.forms import all_forms

from lockgate.analysis.bodies import body_of
from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.runners import RUNNERS, Runner
from lockgate.analysis.source import Source
from lockgate.sql.parse import parse_one

EVERYTHING = Options(select=frozenset({"all"}), platform="supabase")
SCHEMA = Source.from_text((Path(__file__).parents[1] / "locks/schema.sql").read_text("utf-8"), "schema.sql")


@pytest.mark.parametrize("family", sorted({form.family for form in all_forms()}))
def test_every_rule_bears_every_statement_form(family: str) -> None:
    forms = [form for form in all_forms() if form.family == family]
    sources = [Source.from_text(form.sql, form.id) for form in forms]
    for history in ([SCHEMA], []):
        assert check(sources, EVERYTHING, history).statements == len(forms)


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_every_rule_bears_every_runner(runner: Runner) -> None:
    text = ";\n".join(form.sql for form in all_forms()[::12])
    for wrapping in ("auto", "always", "never"):
        options = Options(select=frozenset({"all"}), runner=runner, transaction=wrapping)  # type: ignore[arg-type]
        assert check([Source.from_text(text)], options).findings


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
        "SELECT " + " AND ".join(["a"] * 20_000),
        " UNION ALL ".join(["SELECT 1"] * 5_000),
        "SELECT " + "CASE WHEN true THEN " * 2_000 + "1" + " END" * 2_000,
        "ALTER TABLE t ADD CHECK (" + "(" * 3_000 + "a > 1" + ")" * 3_000 + ")",
        "ALTER TABLE t ADD COLUMN c int DEFAULT " + "+".join(["1"] * 20_000),
        "INSERT INTO t VALUES ('" + "x" * 5_000_000 + "')",
        "CREATE TABLE t (" + ", ".join(f"c{n} int" for n in range(1_600)) + ")",
        "ALTER TABLE t " + ", ".join(f"ADD COLUMN c{n} int" for n in range(500)),
        "/* " * 30_000 + "SELECT 1;",
        "SELECT 'never ends;\n" * 5_001,
        "".join(f"CREATE TABLE t{n} (id int);\nALTER TABLE t{n} ADD COLUMN c int;\n" for n in range(3_000)),
        "DO $$ BEGIN " + "IF true THEN " * 300 + "DROP TABLE t;" + " END IF;" * 300 + " END $$",
    ],
    ids=lambda sql: f"{sql[:24]}…",
)
def test_what_is_too_deep_or_too_large_ends_soon_and_clearly(sql: str) -> None:
    began = time.process_time()
    report = check([Source.from_text(sql)], EVERYTHING)
    assert time.process_time() - began < 20
    assert report.unanalysed == len([f for f in report.findings if f.rule == "syntax-error"])


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN DROP TABLE t; END'",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN new; END'",
    ],
)
def test_bodies_of_trigger_functions_are_read(sql: str) -> None:
    body = body_of(parse_one(sql))
    assert body is not None
    assert (len(body.statements), body.failure) == (1, "")


@pytest.mark.parametrize(
    "text",
    ["", ";", ";;\n;", "-- nothing", "/* nothing */", "\n\n", "\\echo hello", "COPY t FROM STDIN;\n1\n\\.\n"],
)
def test_texts_without_statements_or_with_psql_in_them(text: str) -> None:
    assert check([Source.from_text(text)], EVERYTHING).files == 1


@pytest.mark.parametrize(
    "sql",
    [
        """
        CREATE VIEW a AS SELECT 1; CREATE VIEW b AS SELECT * FROM a; CREATE OR REPLACE VIEW a AS SELECT * FROM b;
        SELECT * FROM a; UPDATE b SET x = 1; LOCK TABLE a; DROP VIEW b CASCADE; DROP VIEW a CASCADE
        """,
        "CREATE VIEW a AS SELECT 1; CREATE OR REPLACE VIEW a AS SELECT * FROM a; LOCK a; DROP VIEW a CASCADE",
        """
        CREATE TABLE a (x int); CREATE TABLE b () INHERITS (a); ALTER TABLE a INHERIT b; ALTER TABLE a INHERIT a;
        SELECT * FROM a; UPDATE b SET x = 1; ALTER TABLE a ADD y int; TRUNCATE a; DROP TABLE b CASCADE
        """,
        "CREATE TABLE a (x int) PARTITION BY LIST (x); ALTER TABLE a ATTACH PARTITION a DEFAULT; SELECT * FROM a",
        "ALTER TABLE b INHERIT c; CREATE TABLE c (x int) INHERITS (a, b); ALTER TABLE a ALTER x SET NOT NULL",
        "CREATE STATISTICS s ON a, b FROM (SELECT 1) AS t",
        "CREATE STATISTICS s ON a, b FROM f()",
    ],
)
def test_what_a_server_would_refuse_ends_too(sql: str) -> None:
    report = check([Source.from_text(sql)], EVERYTHING)
    assert report.unanalysed == 0


def test_names_that_need_quoting_come_back_quoted() -> None:
    history = Source.from_text('CREATE TABLE "Odd ""Table" (id bigint PRIMARY KEY, "select" text);')
    for sql in (
        'ALTER TABLE "Odd ""Table" ALTER COLUMN "select" SET NOT NULL;',
        'ALTER TABLE "Odd ""Table" ADD CONSTRAINT "A""b" UNIQUE ("select");',
        'CREATE INDEX ON "Odd ""Table" ("select");',
        'ALTER TABLE "Odd ""Table" ADD COLUMN "new one" uuid DEFAULT gen_random_uuid();',
        'ALTER TABLE "Odd ""Table" RENAME TO "Other";',
    ):
        (finding,) = [f for f in check([Source.from_text(sql)], Options(), [history]).findings if f.safe]
        again = check([Source.from_text(finding.safe)], Options(select=frozenset({finding.rule})), [history])
        assert again.findings == ()
        assert again.unanalysed == 0
