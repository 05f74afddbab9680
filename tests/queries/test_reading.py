"""Queries out of files and logs: names, parameters, roles, and never a value in a name."""

from __future__ import annotations

import json
import re
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
        ("SELECT a FROM t LIMIT @n", "SELECT a FROM t LIMIT $1", ("n",)),
        ("SELECT a FROM t WHERE a=@a AND b @> @b", "SELECT a FROM t WHERE a=$1 AND b @> $2", ("a", "b")),
        ("SELECT a = ? - 1 FROM t", "SELECT a = $1 - 1 FROM t", ("#1",)),
        ("SELECT d ? 'k' FROM t", "SELECT d ? 'k' FROM t", ()),
        ("SELECT a FROM t WHERE a = #{a,jdbcType=INTEGER}", "SELECT a FROM t WHERE a = $1", ("a",)),
        ("SELECT a FROM t WHERE a = :'a'", "SELECT a FROM t WHERE a = $1", ("a",)),
        (
            r"SELECT $x$ :no ? $x$, E'\' :no', b[1:2] FROM t /* ? */ WHERE b = :b",
            r"SELECT $x$ :no ? $x$, E'\' :no', b[1:2] FROM t /* ? */ WHERE b = $1",
            ("b",),
        ),
        ("SELECT now() - interval $1, date $2", "SELECT now() - $1::interval, $2::date", ()),
        ("SELECT extract($1 FROM a) FROM t", "SELECT extract(epoch FROM a) FROM t", ()),
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


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("DECLARE c CURSOR WITH HOLD FOR SELECT a FROM t", "SELECT a FROM t"),
        ("PREPARE p (int) AS SELECT a FROM t WHERE a = $1", "SELECT a FROM t WHERE a = $1"),
        ("EXPLAIN (ANALYZE) DELETE FROM t", "DELETE FROM t"),
        ("COPY t (a) TO PROGRAM 'cat >/dev/null'", "COPY t(a) TO STDOUT"),
        ("COPY t FROM '/srv/file' WITH (FORMAT csv)", "COPY t FROM STDIN CSV"),
    ],
)
def test_what_stands_around_a_query_is_taken_off(written: str, query: str) -> None:
    assert read(written).sql == query


def test_what_psql_adds_ends_a_query_and_what_cannot_be_read_is_told() -> None:
    found = read_text(
        "\\set id 5\nSELECT 1 \\gset x_\nSELECT 2 \\; SELECT '\\g'\n\\gx\nSELECT {{id}};\nLISTEN x;", "f"
    )
    assert [query.sql for query in found.queries] == ["SELECT 1", "SELECT 2", "SELECT '\\g'"]
    assert found.remarks == ("f:5 cannot be read",)
    assert found.passed_over == 3


def test_a_search_path_holds_until_the_next_one() -> None:
    found = read_text(
        "-- search_path: app_v2, public\nSELECT 1;\nSELECT 2;\n-- search_path: x\nSELECT 3", "f"
    )
    assert [query.search_path for query in found.queries] == ["app_v2, public", "app_v2, public", "x"]


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


LOG = """\
2026-01-01 10:00:00 UTC [7] app@shop LOG:  statement: SELECT *
\tFROM orders
\tWHERE id = 7
2026-01-01 10:00:01 UTC [7] app@shop LOG:  duration: 0.31 ms  execute <unnamed>: INSERT INTO orders (id) VALUES ($1)
2026-01-01 10:00:01 UTC [7] app@shop DETAIL:  Parameters: $1 = '8'
2026-01-01 10:00:02 UTC [7] app@shop LOG:  statement: SELECT * FROM orders WHERE id = 9
2026-01-01 10:00:02 UTC [7] app@shop LOG:  duration: 1.2 ms  plan:
\tQuery Text: SELECT noise FROM orders
\tSeq Scan on orders  (cost=0.00..1.01 rows=1 width=8)
2026-01-01 10:00:02 UTC [7] app@shop LOG:  statement: SELECT typname FROM pg_catalog.pg_type
2026-01-01 10:00:02 UTC [7] app@shop ERROR:  relation "x" does not exist at character 15
2026-01-01 10:00:02 UTC [7] app@shop STATEMENT:  SELECT a FROM
\tx
2026-01-01 10:00:03 UTC [8] LOG:  checkpoint complete
2026-01-01 10:00:03 UTC [8] app@shop LOG:  statement: DELETE FROM orders WHERE note = 'cut o
"""


@pytest.mark.parametrize(
    "prefix", ["{} [7] app@shop ", "{} [7]: user=app,db=shop,app=x,client=::1 ", "{}:app@shop:[7]:"]
)
def test_a_log_on_stderr_is_read_over_several_lines_and_each_query_once(tmp_path: Path, prefix: str) -> None:
    log = tmp_path / "server.log"
    log.write_text(re.sub(r"(?m)^(\S+ \S+ UTC) \[7\] app@shop ", lambda found: prefix.format(found[1]), LOG))
    found = read_log(log)
    assert [(q.name, q.role) for q in found.queries] == [
        ("SELECT * FROM orders WHERE id = ?", "app"),
        ("INSERT INTO orders (id) VALUES ($1)", "app"),
    ]
    assert found.passed_over == 2


@pytest.mark.parametrize(
    ("sql", "counts"),
    [
        ("SELECT relname FROM pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace", False),
        ("WITH t AS (SELECT oid FROM pg_catalog.pg_type) SELECT * FROM t", False),
        ("SELECT table_name FROM information_schema.tables", False),
        ("SELECT query FROM extensions.pg_stat_statements", False),
        ("SELECT pg_catalog.set_config('role', $1, true)", False),
        ("SELECT pg_catalog.lower(name) FROM users", True),
        ("SELECT name FROM users, pg_catalog.pg_database", True),
        ("SELECT greet($1)", True),
    ],
)
def test_the_system_is_asked_by_drivers_and_monitors(tmp_path: Path, sql: str, counts: bool) -> None:
    log = tmp_path / "server.log"
    log.write_text(f"LOG:  statement: {sql}\n")
    found = read_log(log)
    assert (len(found.queries), found.passed_over) == ((1, 0) if counts else (0, 1))


SESSION = """\
[1] user=authenticator LOG:  execute 0: BEGIN ISOLATION LEVEL READ COMMITTED
[1] user=authenticator LOG:  execute 1: SELECT set_config('search_path', $1, true), set_config('role', $2, true)
[1] user=authenticator DETAIL:  Parameters: $1 = '"app_v2", "extensions"', $2 = 'anon'
[2] user=authenticator LOG:  statement: SELECT 'another session'
[1] user=authenticator LOG:  execute 2: SELECT 'as anon'
[1] user=authenticator LOG:  execute 0: COMMIT
[1] user=authenticator LOG:  execute 3: SELECT 'behind it'
[2] user=authenticator LOG:  statement: SET ROLE clerk;
[2] user=authenticator LOG:  statement: SET LOCAL search_path = a, "B"
[2] user=authenticator LOG:  statement: SELECT 'as clerk'
[2] user=authenticator LOG:  statement: ROLLBACK TO SAVEPOINT x
[2] user=authenticator LOG:  statement: SELECT 'as clerk'::text
[2] user=authenticator LOG:  statement: RESET ROLE
[2] user=authenticator LOG:  statement: SELECT 1
"""


def test_whoever_a_session_became_is_the_one_who_asks(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(SESSION)
    found = {q.sql: (q.role, q.search_path) for q in read_log(log).queries}
    assert not any("set_config" in sql for sql in found)
    assert found["SELECT 'as anon'"] == ("anon", '"app_v2", "extensions"')
    assert found["SELECT 'another session'"] == ("authenticator", None)
    assert found["SELECT 'as clerk'"] == found["SELECT 'as clerk'::text"] == ("clerk", 'a, "B"')
    assert found["SELECT 1"] == ("authenticator", 'a, "B"')


SELECT = "SELECT * FROM orders WHERE note = 'a \"b\"'"


def test_a_csv_log_is_read(tmp_path: Path) -> None:
    quoted = SELECT.replace('"', '""')
    head = '2026-01-01 10:00:00 UTC,"app","shop",7,"[local]",1.1,1,"SELECT",2026-01-01 10:00:00 UTC,2/1,0,LOG,00000,'
    tail = ',,,,,,,,,"psql","client backend",,0\n'
    log = tmp_path / "server.csv"
    log.write_text(f'{head}"statement: {quoted}"{tail}{head}"duration: 1.0 ms"{tail}')
    assert [(q.sql, q.role) for q in read_log(log).queries] == [(SELECT, "app")]


def test_a_long_statement_is_no_reason_to_stop(tmp_path: Path) -> None:
    log = tmp_path / "server.csv"
    log.write_text(
        ",".join([*"abcdefghijklm", f"\"statement: SELECT '{'x' * 200_000}'\"", *"opqrstuvwx"]) + "\n"
    )
    assert len(read_log(log).queries) == 1


def test_a_json_log_is_read(tmp_path: Path) -> None:
    entries = (
        {"user": "app", "message": f"execute s1: {SELECT}"},
        {"message": "checkpoint starting: time"},
        ["x"],
    )
    log = tmp_path / "server.json"
    log.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries) + '{"message": "cut o')
    assert [(q.sql, q.role) for q in read_log(log).queries] == [(SELECT, "app")]
