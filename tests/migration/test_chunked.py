"""Statements whose chunks would not add up are refused with the reason; the others are not."""

from __future__ import annotations

import pytest

from lockgate.errors import UsageError
from lockgate.migration.chunked.refusals import reason_against
from lockgate.migration.chunked.statement import read_statement

REFUSED = [
    ("UPDATE t SET a = 1 RETURNING id", "RETURNING"),
    ("DELETE FROM t RETURNING *", "RETURNING"),
    ("UPDATE t SET a = 1 WHERE CURRENT OF c", "CURRENT OF"),
    (
        "WITH d AS (DELETE FROM o RETURNING id) UPDATE t SET a = 1 FROM d WHERE d.id = t.id",
        "WITH part changes rows",
    ),
    ("UPDATE t SET share = amount / (SELECT sum(amount) FROM t)", "over the whole table"),
    ("UPDATE t SET share = amount / (SELECT count(*) FROM public.t x)", "over the whole table"),
    ("UPDATE t SET a = (SELECT p.a FROM t p WHERE p.id = t.parent)", "reads the columns that it sets"),
    ("UPDATE t SET a = p.a FROM t p WHERE p.id = t.parent", "from other rows"),
    (
        "WITH r AS (SELECT id, rank() OVER (ORDER BY id) n FROM t) UPDATE t SET pos = r.n FROM r WHERE r.id = t.id",
        "over the whole table",
    ),
    ("UPDATE t SET a = 1 WHERE id IN (SELECT id FROM other ORDER BY x LIMIT 10)", "LIMIT"),
    ("WITH c AS (SELECT id FROM other LIMIT 5) DELETE FROM t USING c WHERE c.id = t.id", "LIMIT"),
    ("DELETE FROM t USING t b WHERE t.email = b.email AND t.id > b.id", "earlier chunks"),
    ("DELETE FROM t WHERE EXISTS (SELECT 1 FROM t c WHERE c.parent = t.id)", "earlier chunks"),
    ("DELETE FROM t WHERE id NOT IN (SELECT min(id) FROM t GROUP BY email)", "earlier chunks"),
    ("INSERT INTO d (a) VALUES (1), (2)", "no table to walk"),
    ("INSERT INTO d DEFAULT VALUES", "no table to walk"),
    ("INSERT INTO d SELECT generate_series(1, 10)", "no table"),
    ("INSERT INTO d SELECT n FROM generate_series(1, 10) n", "no table"),
    ("INSERT INTO d SELECT DISTINCT a FROM s", "DISTINCT"),
    ("INSERT INTO d SELECT a FROM s GROUP BY a", "GROUP BY"),
    ("INSERT INTO d SELECT count(*) FROM s", "aggregate"),
    ("INSERT INTO d SELECT max(a) FROM s", "aggregate"),
    ("INSERT INTO d SELECT a, row_number() OVER () FROM s", "aggregate or window"),
    ("INSERT INTO d SELECT a FROM s ORDER BY a LIMIT 10", "LIMIT"),
    ("INSERT INTO d SELECT a FROM s OFFSET 10", "OFFSET"),
    ("INSERT INTO d SELECT a FROM s UNION ALL SELECT a FROM r", "UNION"),
    ("INSERT INTO d SELECT a FROM s EXCEPT SELECT a FROM r", "EXCEPT"),
    ("INSERT INTO d SELECT s.a FROM s FULL JOIN r ON r.id = s.id", "no table"),
    ("INSERT INTO d SELECT a FROM s TABLESAMPLE SYSTEM (10)", "TABLESAMPLE"),
    ("INSERT INTO d SELECT a FROM d", "table that it writes"),
    ("INSERT INTO d SELECT s.a FROM s JOIN d ON d.id = s.id", "table that it writes"),
    ("INSERT INTO d SELECT a FROM s WHERE a > (SELECT max(a) FROM d)", "table that it writes"),
    ("WITH w AS (SELECT a FROM s) INSERT INTO d SELECT a FROM w", "part of its WITH"),
]
ACCEPTED = [
    "UPDATE t SET a = b || c WHERE a IS NULL",
    "UPDATE ONLY s.t AS x SET a = 1, b = DEFAULT WHERE x.c > 5",
    "UPDATE t SET (a, b) = (x.a, x.b) FROM x WHERE x.id = t.id",
    "UPDATE t SET n = (SELECT count(*) FROM orders o WHERE o.user_id = t.id)",
    "UPDATE t SET last = (SELECT at FROM orders o WHERE o.user_id = t.id ORDER BY at DESC LIMIT 1)",
    "UPDATE t SET children = (SELECT count(*) FROM t c WHERE c.parent = t.id)",
    "UPDATE t SET parent_name = p.name FROM t p WHERE p.id = t.parent",
    "UPDATE t SET a = (SELECT max(x) FROM other)",
    "WITH w AS (SELECT u, sum(x) s FROM orders GROUP BY 1) UPDATE t SET total = w.s FROM w WHERE w.u = t.id",
    "UPDATE t SET token = gen_random_uuid() WHERE token IS NULL",
    "DELETE FROM t WHERE expires < '2020-01-01'",
    "DELETE FROM t USING gone g WHERE g.id = t.id",
    "DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM owners o WHERE o.id = t.owner)",
    "INSERT INTO d (a, b) SELECT a, b FROM s WHERE a > 0",
    "INSERT INTO d (a) SELECT a FROM s ON CONFLICT (a) DO NOTHING",
    "INSERT INTO d (a) SELECT a FROM s WHERE NOT EXISTS (SELECT 1 FROM d WHERE d.a = s.a)",
    "INSERT INTO d (a) SELECT s.a FROM s LEFT JOIN r ON r.id = s.id",
    "INSERT INTO shadow.users (a) SELECT a FROM public.users",
    "INSERT INTO d (a) SELECT s.a FROM r RIGHT JOIN s ON r.id = s.id",
    "INSERT INTO d (a) SELECT (SELECT max(x) FROM r WHERE r.id = s.id) FROM s",
]


@pytest.mark.parametrize(("sql", "words"), REFUSED)
def test_refused_with_the_reason(sql, words):
    assert words in (reason_against(read_statement(sql)) or "")


@pytest.mark.parametrize("sql", ACCEPTED)
def test_accepted(sql):
    assert reason_against(read_statement(sql)) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "TRUNCATE t",
        "CREATE TABLE t (a int)",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_other_statements_are_none_of_ours(sql):
    with pytest.raises(UsageError, match="Only UPDATE, DELETE and INSERT"):
        read_statement(sql)


def test_an_aggregate_of_the_database_counts_as_one():
    statement = read_statement("INSERT INTO d SELECT median(a) FROM s")
    assert reason_against(statement) is None
    assert "aggregate" in (reason_against(statement, frozenset({"median"})) or "")
