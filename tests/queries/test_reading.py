"""Queries out of files and logs: names, parameters, roles, and never a value in a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockgate.errors import UsageError
from lockgate.proving.application.logs import read_log
from lockgate.proving.application.query import Query
from lockgate.proving.application.reading import query_of, read_files, read_text
from lockgate.proving.application.shown import name_of


def read(sql: str) -> Query:
    found = query_of(sql, "q")
    assert found is not None, sql
    return found


@pytest.mark.parametrize(
    ("written", "numbered", "parameters"),
    [
        ("SELECT 1 WHERE a = $2 AND b = $1", "SELECT 1 WHERE a = $2 AND b = $1", ()),
        ("SELECT %(a)s, %(b)s, %(a)s", "SELECT $1, $2, $1", ("a", "b")),
        (
            "SELECT * FROM t WHERE a = %s AND b %% 2 = %s",
            "SELECT * FROM t WHERE a = $1 AND b % 2 = $2",
            ("#1", "#2"),
        ),
        (
            "SELECT a::int FROM t WHERE b = :b AND c = ':no'",
            "SELECT a::int FROM t WHERE b = $1 AND c = ':no'",
            ("b",),
        ),
        ("SELECT * FROM t WHERE a = ? AND b = '?'", "SELECT * FROM t WHERE a = $1 AND b = '?'", ("#1",)),
        ("SELECT a % 3 FROM t", "SELECT a % 3 FROM t", ()),
        ("SELECT '100%' FROM t", "SELECT '100%' FROM t", ()),
    ],
)
def test_every_spelling_of_parameters_becomes_numbers(
    written: str, numbered: str, parameters: tuple[str, ...]
) -> None:
    assert (read(written).sql, read(written).parameters) == (numbered, parameters)


@pytest.mark.parametrize(
    "sql", ["BEGIN", "SET x = 1", "CREATE TABLE t ()", "VACUUM", "SELECT FROM WHERE", ""]
)
def test_what_is_no_query_is_passed_over(sql: str) -> None:
    assert query_of(sql, "q") is None


def test_comments_say_as_whom_and_under_which_name() -> None:
    text = """
    SELECT 1;
    -- name: ListUsers :many
    -- role: authenticated
    SELECT id FROM users;
    -- claims: {"sub": "%(user)s"}
    SELECT 2;
    BEGIN;
    """
    found = read_text(text, "app", role="anon")
    assert [(q.name, q.role, q.claims) for q in found.queries] == [
        ("app:2", "anon", None),
        ("ListUsers", "authenticated", None),
        ("app:7", "authenticated", '{"sub": "%(user)s"}'),
    ]
    assert found.passed_over == 1


def test_a_folder_is_read_file_by_file_and_what_is_missing_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "b.sql").write_text("SELECT 2")
    (tmp_path / "a.sql").write_text("SELECT 1; SELECT 3")
    (tmp_path / "readme.md").write_text("SELECT 4")
    assert [q.name for q in read_files([tmp_path]).queries] == ["a:1", "a:1", "b"]
    with pytest.raises(UsageError, match="There is no file"):
        read_files([tmp_path / "c.sql"])


def test_a_name_holds_no_value() -> None:
    name = name_of(
        "SELECT a FROM t WHERE b = 'secret' AND c IN (42, 43) AND d > interval '9 days' AND e = $1"
    )
    assert name == "SELECT a FROM t WHERE b = ? AND c IN (?, ?) AND d > ?::interval AND e = $1"


def test_a_log_on_stderr_is_read_over_several_lines_and_each_query_once(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(
        "2026-01-01 10:00:00 UTC [7] app@shop LOG:  statement: SELECT *\n"
        "\tFROM orders\n"
        "\tWHERE id = 7\n"
        "2026-01-01 10:00:01 UTC [7] app@shop LOG:  duration: 0.31 ms  execute <unnamed>: INSERT INTO orders (id)"
        " VALUES ($1)\n"
        "2026-01-01 10:00:01 UTC [7] app@shop DETAIL:  Parameters: $1 = '8'\n"
        "2026-01-01 10:00:02 UTC [7] app@shop LOG:  statement: SELECT * FROM orders WHERE id = 9\n"
        "2026-01-01 10:00:02 UTC [7] app@shop LOG:  statement: SELECT typname FROM pg_catalog.pg_type\n"
        "2026-01-01 10:00:03 UTC [8] LOG:  checkpoint complete\n"
    )
    found = read_log(log)
    assert [(q.name, q.role) for q in found.queries] == [
        ("SELECT * FROM orders WHERE id = ?", "app"),
        ("INSERT INTO orders (id) VALUES ($1)", "app"),
    ]
    assert found.passed_over == 1


SELECT = "SELECT * FROM orders WHERE note = 'a \"b\"'"


def test_a_csv_log_is_read(tmp_path: Path) -> None:
    quoted = SELECT.replace('"', '""')
    head = '2026-01-01 10:00:00 UTC,"app","shop",7,"[local]",1.1,1,"SELECT",2026-01-01 10:00:00 UTC,2/1,0,LOG,00000,'
    tail = ',,,,,,,,,"psql","client backend",,0\n'
    log = tmp_path / "server.csv"
    log.write_text(f'{head}"statement: {quoted}"{tail}{head}"duration: 1.0 ms"{tail}')
    assert [(q.sql, q.role) for q in read_log(log).queries] == [(SELECT, "app")]


def test_a_json_log_is_read(tmp_path: Path) -> None:
    entries = ({"user": "app", "message": f"execute s1: {SELECT}"}, {"message": "checkpoint starting: time"})
    log = tmp_path / "server.json"
    log.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    assert [(q.sql, q.role) for q in read_log(log).queries] == [(SELECT, "app")]
