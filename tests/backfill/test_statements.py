"""Any data statement gives in chunks what it gives whole: both are run, on two copies, and compared."""

from __future__ import annotations

import pytest

from lockgate.backfill.options import Options
from lockgate.backfill.run import run, start, work_on
from lockgate.chunks.job import Settings
from lockgate.errors import UsageError

SMALL = Settings(first_rows=97, largest_rows=97)
SETUP = """
CREATE SCHEMA {s};
SET search_path = {s};
CREATE TYPE {s}.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE org (id int PRIMARY KEY, name text);
CREATE TABLE t (
  id int PRIMARY KEY, org int REFERENCES org, parent int, a text, b text, n int DEFAULT 0, doc json,
  m mood DEFAULT 'sad',
  amount numeric(10, 2), v varchar(12), made text GENERATED ALWAYS AS (upper(a)) STORED, at timestamptz
);
CREATE TABLE orders (id int PRIMARY KEY, t_id int, total int);
CREATE TABLE dest (id int PRIMARY KEY, label text, n int DEFAULT 0);
INSERT INTO org SELECT n, 'org' || n FROM generate_series(1, 20) n;
INSERT INTO t (id, org, parent, a, b, doc, amount, at)
  SELECT n, nullif(n % 21, 0), n / 2, CASE WHEN n % 7 > 0 THEN 'a' || n END, 'b' || n, json_build_object('k', n), n,
    timestamptz '2026-01-01' + n * interval '1 hour'
  FROM generate_series(1, 1000) n;
INSERT INTO orders SELECT n, n % 400, n FROM generate_series(1, 2000) n;
INSERT INTO dest SELECT n, 'old' FROM generate_series(1, 1000, 10) n;
ANALYZE;
"""
STATEMENTS = [
    ("UPDATE t SET n = n + 1", "t"),
    ("UPDATE t SET v = a || b", "t"),
    ("UPDATE t SET v = concat_ws(' ', a, b) WHERE v IS NULL", "t"),
    ("UPDATE t AS x SET (a, b) = (x.b, x.a)", "t"),
    ("UPDATE t SET (a, n) = ('same', length(b))", "t"),
    ("UPDATE t SET doc = json_build_object('a', a, 'n', n)", "t"),
    ("UPDATE t SET m = 'happy' WHERE m <> 'happy'", "t"),
    ("UPDATE t SET a = 'still in the set' WHERE a <> 'none'", "t"),
    ("UPDATE t SET a = b WHERE a IS NOT NULL AND id > 100", "t"),
    ("UPDATE t SET a = lower(upper(a)) WHERE a <> 'none'", "t"),
    ("UPDATE t SET n = n + 1 WHERE n < 10", "t"),
    ("UPDATE t SET amount = amount * 1.1", "t"),
    ("UPDATE t SET n = DEFAULT, a = DEFAULT", "t"),
    ("UPDATE t SET b = org.name FROM org WHERE org.id = t.org", "t"),
    ("UPDATE t SET n = (SELECT sum(total) FROM orders o WHERE o.t_id = t.id)", "t"),
    ("UPDATE t SET (n, b) = (SELECT max(total), 'x' FROM orders o WHERE o.t_id = t.id)", "t"),
    ("UPDATE t SET b = p.a FROM t p WHERE p.id = t.parent", "t"),
    (
        "WITH w AS (SELECT t_id, count(*) c FROM orders GROUP BY 1) UPDATE t SET n = w.c FROM w WHERE w.t_id = t.id",
        "t",
    ),
    ("UPDATE t SET n = 5 WHERE id IN (SELECT t_id FROM orders WHERE total > 500)", "t"),
    ("UPDATE t SET a = 'it''s \"quoted\" %s $1 \\ back'", "t"),
    ("UPDATE t SET at = at + interval '1 day' WHERE EXTRACT(hour FROM at) = 5", "t"),
    ("DELETE FROM t WHERE id % 3 = 0", "t"),
    ("DELETE FROM t", "t"),
    ("DELETE FROM t USING org o WHERE o.id = t.org AND o.name LIKE '%5'", "t"),
    ("DELETE FROM t WHERE NOT EXISTS (SELECT FROM orders WHERE t_id = t.id)", "t"),
    ("INSERT INTO dest (id, label) SELECT id, a FROM t ON CONFLICT (id) DO NOTHING", "dest"),
    (
        "INSERT INTO dest (id, label) SELECT id, a FROM t ON CONFLICT (id) DO UPDATE SET label = excluded.label",
        "dest",
    ),
    (
        "INSERT INTO dest (id, label) SELECT id, b FROM t ON CONFLICT (id) DO UPDATE SET n = dest.n + 1",
        "dest",
    ),
    (
        "INSERT INTO dest (id, label) SELECT t.id, org.name FROM t LEFT JOIN org ON org.id = t.org WHERE t.id % 10 = 2",
        "dest",
    ),
    (
        "INSERT INTO dest SELECT id + 5000, b FROM t WHERE NOT EXISTS (SELECT FROM dest d WHERE d.id = t.id + 5000)",
        "dest",
    ),
    ("INSERT INTO dest (id, label) SELECT o.id + 1000, t.a FROM orders o JOIN t ON t.id = o.t_id", "dest"),
]


@pytest.mark.parametrize(("sql", "table"), STATEMENTS, ids=[s[0][:60] for s in STATEMENTS])
def test_chunks_give_what_the_whole_gives(pg, sql, table):
    with pg.connect() as c:
        for schema in ("whole", "cut"):
            c.execute(SETUP.format(s=schema).encode())
        c.execute("SET search_path = whole")
        c.execute(sql.encode())

    def connect():
        connection = pg.connect()
        connection.execute("SET search_path = cut")
        return connection

    out = run(connect, sql, Options(settings=SMALL))
    assert out.job.status == "done"
    with pg.connect() as c:
        differing = c.execute(
            f"SELECT count(*) FROM (SELECT w::text FROM whole.{table} w EXCEPT ALL SELECT k::text FROM cut.{table} k) x"
        ).fetchone()
        counts = c.execute(
            f"SELECT (SELECT count(*) FROM whole.{table}), (SELECT count(*) FROM cut.{table})"
        ).fetchone()
        chunks = c.execute("SELECT sum(chunks) FROM lockgate.backfill_range").fetchone()[0]
    assert differing == (0,)
    assert counts[0] == counts[1]
    assert chunks > 5, "it was not cut into chunks"


def test_volatile_values_differ_from_row_to_row(pg):
    with pg.connect() as c:
        c.execute(
            "CREATE TABLE t (id int PRIMARY KEY, token uuid); INSERT INTO t SELECT generate_series(1, 1000)"
        )
    run(pg.connect, "UPDATE t SET token = gen_random_uuid() WHERE token IS NULL", Options(settings=SMALL))
    with pg.connect() as c:
        assert c.execute("SELECT count(DISTINCT token) FROM t").fetchone() == (1000,)


def test_a_search_path_of_the_user_is_kept_for_later_workers(pg):
    with pg.connect() as c:
        c.execute(
            "CREATE SCHEMA app; CREATE FUNCTION app.twice(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN $1 || $1"
        )
        c.execute(
            "CREATE TABLE app.t (id int PRIMARY KEY, a text);"
            " INSERT INTO app.t SELECT n, n FROM generate_series(1, 300) n"
        )
        c.execute("SET search_path = app")
        job = start(c, "UPDATE t SET a = twice(a) WHERE length(a) < 2")
    assert work_on(pg.connect, job).job.status == "done"
    with pg.connect() as c:
        assert c.execute("SELECT count(*) FROM app.t WHERE length(a) < 2").fetchone() == (0,)


def test_where_several_joined_rows_match_any_of_their_values_will_do(pg):
    with pg.connect() as c:
        c.execute("CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE o (t_id int, v text)")
        c.execute("INSERT INTO t SELECT generate_series(1, 500)")
        c.execute("INSERT INTO o SELECT n % 500 + 1, 'v' || n FROM generate_series(1, 1500) n")
        c.execute("ANALYZE")
    for walk in ("strided", "keyset"):
        sql = f"UPDATE t SET a = '{walk}' || o.v FROM o WHERE o.t_id = t.id"
        assert run(pg.connect, sql, Options(settings=SMALL, walker=walk)).job.rows_left == 0


def test_a_copy_into_the_same_table_name_of_another_schema(pg):
    with pg.connect() as c:
        c.execute("CREATE TABLE users (id int PRIMARY KEY, a text); CREATE SCHEMA shadow")
        c.execute("CREATE TABLE shadow.users (LIKE users INCLUDING ALL)")
        c.execute("INSERT INTO users SELECT n, 'a' || n FROM generate_series(1, 400) n")
    sql = "INSERT INTO shadow.users (id, a) SELECT id, a FROM users ON CONFLICT (id) DO NOTHING"
    assert run(pg.connect, sql, Options(settings=SMALL)).job.rows_left == 0
    with pg.connect() as c, pytest.raises(UsageError, match="cannot be run in chunks"):
        start(c, "INSERT INTO users (id, a) SELECT id + 1000, a FROM public.users")
