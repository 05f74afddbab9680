from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import (
    deparse,
    deparse_expression,
    parse,
    parse_expression,
    parse_one,
    parse_plpgsql,
    walk,
    without_locations,
)
from lockgate.sql.templates import read_template


def test_statements_keep_their_exact_text_and_place() -> None:
    script = parse('-- é\nCREATE TABLE "Ünï" (id int); -- trailing\n\n  /* a /* b */ c */ SELECT 1;;')
    first, second = script.statements
    assert (first.sql, first.kind) == ('CREATE TABLE "Ünï" (id int)', "CreateStmt")
    assert (first.start.line, first.start.column) == (2, 1)
    assert script.text[second.start.offset : second.end.offset] == second.sql == "SELECT 1"
    assert [comment.text for comment in first.comments] == ["é", "trailing"]
    assert [comment.text for comment in second.comments] == ["a /* b */ c"]


def test_a_statement_that_does_not_parse_does_not_stop_the_rest() -> None:
    script = parse("SELECT 1;\nSELEC 2;\nSELECT 3;\nCREATE TABEL x;\nSELECT 'a;b'")
    assert [statement.kind for statement in script.statements] == [
        "SelectStmt",
        "Unparsed",
        "SelectStmt",
        "Unparsed",
        "SelectStmt",
    ]
    failure = script.failures[1].failure
    assert failure is not None
    assert (failure.position.line, failure.position.column) == (4, 8)
    assert "TABEL" in failure.message


def test_an_open_quote_costs_only_its_own_statement() -> None:
    script = parse("SELECT 1;\nSELECT 'never closed;\nSELECT 2;")
    assert script.statements[0].failure is None
    assert script.failures


def test_what_only_psql_understands_is_named() -> None:
    script = parse("COPY t FROM stdin;\n1\tx;y\n\\.\n\\i other.sql\nSELECT E'a\n\\\\b';\n")
    assert [statement.kind for statement in script.statements] == [
        "CopyStmt",
        "Unparsed",
        "Unparsed",
        "SelectStmt",
    ]
    assert all("psql" in str(statement.failure) for statement in script.failures)


@pytest.mark.parametrize(
    "body",
    [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
        "DO $do$ BEGIN PERFORM 1; END $do$",
        "SELECT ';', \";\", $$;$$, 'it''s; fine'",
    ],
)
def test_semicolons_inside_bodies_and_quotes_do_not_split(body: str) -> None:
    script = parse(f"{body};\nSELECT 1")
    assert [statement.sql for statement in script.statements] == [body, "SELECT 1"]


def test_a_nul_byte_is_refused_because_it_would_hide_the_rest() -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse("SELECT 1;\0 DROP TABLE t")
    assert caught.value.offset == 9


def test_deep_nesting_and_large_literals_end_in_an_answer() -> None:
    assert parse("SELECT " + "(" * 20_000 + "1" + ")" * 20_000).failures
    assert len(parse(f"SELECT '{'x' * 5_000_000}'; SELECT 2").statements) == 2
    assert len(parse("SELECT 1;\n" * 20_000).statements) == 20_000


@pytest.mark.parametrize("sql", ["", " ", "-- only a comment", ";;;", "/* open"])
def test_nothing_is_no_statement_or_one_that_fails(sql: str) -> None:
    assert all(statement.failure for statement in parse(sql).statements)


def test_one_statement_and_one_expression() -> None:
    assert parse_one("SELECT 1;").kind == "SelectStmt"
    with pytest.raises(SqlSyntaxError):
        parse_one("SELECT 1; SELECT 2")
    assert deparse_expression(parse_expression("a||'x'")) == "a || 'x'"
    for wrong in ("1, 2", "1 FROM t", "1; DROP TABLE t"):
        with pytest.raises(SqlSyntaxError):
            parse_expression(wrong)


def test_plpgsql_bodies_are_read() -> None:
    tree = parse_plpgsql(
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET a = 1; END $$"
    )
    assert any(kind == "PLpgSQL_stmt_execsql" for kind, _ in walk(tree))
    with pytest.raises(SqlSyntaxError):
        parse_plpgsql("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF; END $$")


IDENTIFIER = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(IDENTIFIER, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_deparsing_keeps_the_meaning_of_any_name_and_text(name: str, text: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    literal = "'" + text.replace("'", "''") + "'"
    statement = parse_one(f"ALTER TABLE {quoted} ADD COLUMN x text DEFAULT {literal}")
    again = parse_one(deparse(statement.node))
    assert without_locations(again.tree) == without_locations(statement.tree)


@given(
    st.lists(
        st.sampled_from(["SELECT 1", "SELEC", "é;", "--x\n", "/*y*/", "$$;$$", "';'", "\n", ";"]), max_size=12
    )
)
def test_every_statement_stands_where_it_says(parts: list[str]) -> None:
    script = parse(" ".join(parts))
    ends = [statement.end.offset for statement in script.statements]
    assert ends == sorted(ends)
    for statement in script.statements:
        assert script.text[statement.start.offset : statement.end.offset] == statement.sql


def test_a_dump_with_many_rows_is_masked_in_one_pass() -> None:
    part = "COPY t (a, b) FROM stdin;\r\n1\tit's\r\n2\t$$ \\N\r\n\\.\r\n\\connect x\r\n"
    script = parse(part * 2000 + "SELECT 'end';")
    assert [statement.kind for statement in script.statements[:3]] == ["CopyStmt", "Unparsed", "Unparsed"]
    assert len(script.statements) == 6001
    assert script.statements[-1].sql == "SELECT 'end'"
    assert script.statements[-1].line == 10001


@pytest.mark.parametrize(
    ("text", "filled", "tool"),
    [
        ("a ${schema}.t", 'a "schema" .t', "Flyway or a shell"),
        ("a ${p}_t b_${q}", "a p____t b_q___", "Flyway or a shell"),
        ("a :x.t, :'v', :\"c\"", "a _x.t,  'v',  \"c\"", "psql"),
        ("<% if\n a %>b <%= t('x') %>", "     \n     b " + '"x"          ', "ERB"),
        ("{% set a %}{{ ref('u') }} {{ .S.x }}", "           " + '"u"            "x"       ', "Jinja"),
        ("#{n} %(m)s @o@", '"n"  "m"   "o"', "Ruby"),
    ],
)
def test_placeholders_become_names_of_the_same_length(text: str, filled: str, tool: str) -> None:
    template = read_template(text)
    assert template is not None
    assert (template.text, template.tool, template.offset) == (
        filled,
        tool,
        min(text.find(sign) for sign in "$:<{#" if sign in text),
    )
    assert len(template.text) == len(text)


@pytest.mark.parametrize("text", ["a::text", "a[1:2]", "'{\"a\":true}'", "12:30", "a % b", "x ->> 'a@b.c'"])
def test_sql_holds_no_placeholders(text: str) -> None:
    assert read_template(text) is None
