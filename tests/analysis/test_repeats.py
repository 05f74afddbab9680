"""An INSERT like those before it is neither parsed nor judged again, and nobody can tell from what is reported."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.sampling import some_of

from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.runners import RUNNERS
from lockgate.analysis.source import Source
from lockgate.sql import repeats
from lockgate.sql.parse import Repeat, parse

TABLES = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('calm');
CREATE TABLE app.plain (id bigint PRIMARY KEY, name text, mood app.mood);
CREATE TABLE app.parted (id bigint, name text, mood app.mood, PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES IN (1);
CREATE TABLE app.parted_2 PARTITION OF app.parted FOR VALUES IN (2);
CREATE TABLE app.pointing (id bigint REFERENCES app.parted, name text, mood app.mood);
CREATE TABLE app.child (id bigint REFERENCES app.plain, name text, mood app.mood);
"""
CONSTANTS = ("1", "2", "-3", "4.50", "'it''s'", "'calm'", "'worried'", "''", "TRUE", "'é'")
WORDS = ("", "", "", "null", "DEFAULT")
BETWEEN = (
    "ALTER TYPE app.mood ADD VALUE 'worried';",
    "ALTER TABLE app.plain ADD COLUMN extra int;",
    "BEGIN;",
    "COMMIT;",
    "SAVEPOINT here;",
    "SET lock_timeout = '2s';",
    "INSERT INTO app.plain SELECT * FROM app.child;",
    "DROP TABLE app.child;",
    "\\echo hello",
    "INSERT INTO app.plain VALUES (1, E'\\n', 'calm');",
    "SELECT 'not; here';",
    "TRUNCATE app.plain;",
    "CREATE INDEX plain_name ON app.plain (name);",
)
BEFORE = (
    "",
    "",
    "",
    "",
    "",
    "",
    "-- only a remark\n",
    "-- lockgate: ignore writes no reason at all\n",
    "/* ; */ ",
)
AFTER = ("",) * 12 + (" -- a remark", " -- lockgate: ignore writes no reason at all")


@contextmanager
def switched(least: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "WORTH_IT", least)
        yield


def insert(chance: random.Random, table: str, columns: str, words: list[str]) -> str:
    row = ", ".join(word or chance.choice(CONSTANTS) for word in words)
    rows = [f"({row})" for _ in range(chance.choice((1, 1, 1, 1, 1, 1, 2)))]
    return (
        f"{chance.choice(BEFORE)}INSERT INTO {table}{columns} VALUES {', '.join(rows)};{chance.choice(AFTER)}"
    )


def text(seed: int) -> str:
    chance, lines = random.Random(seed), []
    for _ in range(chance.randint(3, 9)):
        table = chance.choice(
            ("app.plain", "app.parted", "app.pointing", "app.child", "elsewhere", '"Odd; one"')
        )
        columns = chance.choice(("", " (id, name, mood)", f" (id, name, {'very' * 17})"))
        words = [chance.choice(WORDS) for _ in range(3)]
        lines += [insert(chance, table, columns, words) for _ in range(chance.randint(1, 12))]
        lines.append(chance.choice(BETWEEN))
    return "\n".join(lines)


def document(sql: str, options: Options) -> str:
    sources = [Source.from_text(sql, "1.sql", "1"), Source.from_text("SELECT 1;", "2.sql", "2")]
    return check(sources, options, [Source.from_text(TABLES, "0.sql", "0")]).document()


@pytest.mark.parametrize("block", some_of(range(12), 4))
def test_what_is_reported_is_the_same(block: int) -> None:
    """Whole files of INSERTs with all that may come between them, under every runner."""
    skipped = 0
    for seed in range(block * 10, block * 10 + 10):
        sql = (TABLES if seed % 3 == 0 else "") + text(seed)
        options = Options(runner=RUNNERS[seed % len(RUNNERS)], select=frozenset({"all"} if seed % 2 else ()))
        with switched(10**9):
            expected = document(sql, options)
        with switched(1):
            assert document(sql, options) == expected
            skipped += sum(statement.repeats for statement in parse(sql).statements)
    assert skipped > 20


def test_what_goes_by_the_constant_is_asked_of_every_statement() -> None:
    rows = [*["calm"] * 7, "worried", *["calm"] * 3]
    inserts = "\n".join(f"INSERT INTO app.plain VALUES (1, 'x', '{mood}');" for mood in rows)
    with switched(1):
        assert '"enum-value-used-in-same-transaction"' in document(f"{BETWEEN[0]}\n{inserts}", Options())


@pytest.mark.parametrize("block", range(4))
def test_the_trees_are_the_same(block: int) -> None:
    for seed in range(1000 + block * 10, 1010 + block * 10):
        sql = f"-- é\n{text(seed)}"
        with switched(10**9):
            expected = parse(sql)
        with switched(1):
            found = parse(sql)
        assert found.comments == expected.comments
        assert [(s.sql, s.kind, s.tree, s.start, s.end, s.comments) for s in found.statements] == [
            (s.sql, s.kind, s.tree, s.start, s.end, s.comments) for s in expected.statements
        ]


@pytest.mark.parametrize(
    "odd",
    [
        "INSERT INTO t VALUES (3, 'a' 'b');",
        "INSERT INTO t VALUES (3x, 'a');",
        "INSERT INTO t VALUES (3, 'a'));",
        "INSERT INTO t VALUES (3, );",
        "INSERT INTO t VALUES (3, E'a');",
        "INSERT INTO t VALUES (3, 'a') RETURNING *;",
        "INSERT INTO t VALUES (3, 'a') ON CONFLICT DO NOTHING;",
        "INSERT INTO t VALUES (3, 'a'::text);",
        "INSERT INTO t VALUES (3, now());",
        "INSERT INTO t VALUES (3, 'a' -- why\n);",
        "insert into t values (3, 'a');",
    ],
)
def test_whatever_is_more_than_constants_is_parsed(odd: str) -> None:
    sql = "INSERT INTO t VALUES (1, 'a');\n" * 5 + odd
    with switched(1):
        found = parse(sql).statements
    if not any(statement.failure for statement in found):
        assert [s.repeats for s in found] == [False] * 2 + [True] * 3 + [False] * (len(found) - 5)
    with switched(10**9):
        assert [(s.sql, s.failure) for s in parse(sql).statements] == [(s.sql, s.failure) for s in found]


def test_what_does_not_parse_is_said_as_ever() -> None:
    """A reserved word is no table: the words are like each other, and none of them is SQL."""
    sql = "INSERT INTO select VALUES (1);\n" * 6
    with switched(1):
        assert len(parse(sql).failures) == 6


def test_a_quoted_body_holds_no_statements() -> None:
    body = "INSERT INTO t VALUES (1);\n" * 9
    with switched(1):
        (statement,) = parse(f"DO $$ BEGIN {body} END $$;").statements
    assert statement.kind == "DoStmt"


def test_a_tree_is_made_when_it_is_asked_for() -> None:
    with switched(1):
        last = parse("INSERT INTO t VALUES (1);\n" * 4).statements[-1]
    assert isinstance(last, Repeat)
    slot: Callable[[object], object] = type(last).__mro__[1].__dict__["tree"].__get__
    with pytest.raises(AttributeError):
        slot(last)
    assert last.node["InsertStmt"]["relation"]["relname"] == "t"
    assert slot(last) is last.tree
