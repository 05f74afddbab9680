"""Where the commands of an ALTER TABLE stand, whatever stands around and inside them."""

from __future__ import annotations

import pytest

from lockgate.sql.clauses import clause_of
from lockgate.sql.parse import parse

TEXT = """SELECT 'é';  -- ALTER TABLE a, b
  ALTER TABLE IF EXISTS app . "a, b" *
  ADD COLUMN x int DEFAULT 1, -- one, two
  /* a, /* b, */ c */ ADD COLUMN "y,y" text DEFAULT E'a\\',', DROP COLUMN age,
  ALTER COLUMN code
    SET NOT NULL,
  ADD CONSTRAINT k CHECK (code IN ('a', 'b''')),
  ADD COLUMN z numeric(10, 2)[] DEFAULT ARRAY[1, 2],
  ADD COLUMN w text DEFAULT $q$,$$,$q$
;
"""


def test_every_command_is_found() -> None:
    statement = parse(TEXT).statements[1]
    found = [clause_of(statement, place) for place in range(len(statement.tree["cmds"]))]
    assert [part and TEXT[part[0].offset : part[1].offset + 1].strip() for part in found] == [
        "ADD COLUMN x int DEFAULT 1",
        "ADD COLUMN \"y,y\" text DEFAULT E'a\\','",
        "DROP COLUMN age",
        "ALTER COLUMN code\n    SET NOT NULL",
        "ADD CONSTRAINT k CHECK (code IN ('a', 'b'''))",
        "ADD COLUMN z numeric(10, 2)[] DEFAULT ARRAY[1, 2]",
        "ADD COLUMN w text DEFAULT $q$,$$,$q$",
    ]
    places = [(part[0].line, part[0].column, part[1].line) for part in found if part]
    assert places == [(3, 3, 3), (4, 23, 4), (4, 62, 4), (5, 3, 6), (7, 3, 7), (8, 3, 8), (9, 3, 9)]


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("ALTER TABLE /* it, */ a ADD b int, ADD c int", "ALTER"),
        ("alter materialized view if exists m set (fillfactor = 70), cluster on i", "set (fill"),
        ('ALTER TYPE "T t" ADD ATTRIBUTE a int, DROP ATTRIBUTE b', "ADD ATTRIBUTE a"),
        ("ALTER FOREIGN TABLE f ADD a int, DROP b", "ADD a"),
        ("ALTER TABLE a ADD b int", "ADD b"),
    ],
)
def test_the_first_command(sql: str, first: str) -> None:
    statement = parse(sql).statements[0]
    found = clause_of(statement, 0)
    assert found is not None
    assert sql[found[0].offset :].startswith(first)


def test_a_text_that_says_otherwise_tells_nothing() -> None:
    statement = parse("ALTER TABLE a ADD b int, ADD c int").statements[0]
    fewer = type(statement)(0, statement.sql, statement.kind, {"cmds": [{}]}, statement.start, statement.end)
    assert clause_of(fewer, 0) is None
