"""Tables of all kinds, on all servers."""

from __future__ import annotations

import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.options import Options
from lockgate.backfill.run import run, start
from lockgate.chunks.job import Settings
from lockgate.errors import UnfitTargetError, UsageError

SMALL = Settings(first_rows=83, largest_rows=83)


def execute(pg, *statements):
    with pg.connect() as c:
        for sql in statements:
            c.execute(sql)


def value(pg, sql):
    with pg.connect() as c:
        return c.execute(sql).fetchone()[0]


@pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
@pytest.mark.parametrize("walk", ["keyset", "strided", "pages"])
def test_every_way_on_every_server(pg, walk):
    make_users(pg, 3000)
    out = run(
        pg.connect,
        "UPDATE users SET full_name = first_name WHERE full_name IS NULL",
        Options(settings=SMALL, walker=walk),
    )
    assert (out.job.walker, out.progress.rows_done) == (walk, 3000)
    assert value(pg, "SELECT count(*) FROM users WHERE full_name = first_name") == 3000


def test_composite_keys_of_every_type(pg):
    execute(
        pg,
        "CREATE TYPE colour AS ENUM ('red', 'green', 'blue')",
        'CREATE TABLE t (tenant text COLLATE "C", colour colour, at timestamptz, n numeric, done boolean,'
        " PRIMARY KEY (tenant, colour, at, n))",
        "INSERT INTO t SELECT 'tenant ' || n % 7 || E' \\' \" \\\\ %',"
        " (ARRAY['red', 'green', 'blue'])[n % 3 + 1]::colour,"
        " '2026-01-01'::timestamptz + n * interval '1.234567 seconds', n / 3.0 FROM generate_series(1, 2500) n",
        "ANALYZE t",
    )
    out = run(
        pg.connect,
        "UPDATE t SET done = true WHERE done IS NULL",
        Options(settings=SMALL, walker="keyset", workers=2),
    )
    assert out.progress.rows_done == 2500
    assert value(pg, "SELECT count(*) FROM t WHERE done") == 2500
    assert (
        value(pg, "SELECT sum(chunks) FROM lockgate.backfill_range WHERE kind = 'walk' AND sweep = 0")
        >= 2500 / 83
    )


@pytest.mark.parametrize("pg", [15], indirect=True)  # the one of our servers that is built with ICU
@pytest.mark.parametrize("locale", ['COLLATE "C"', 'COLLATE "en-x-icu"', "COLLATE loose"])
def test_text_keys_in_other_orders(pg, locale):
    execute(
        pg,
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        f"CREATE TABLE t (k text {locale} PRIMARY KEY, n int DEFAULT 0)",
        "INSERT INTO t SELECT chr(65 + n % 57) || md5(n::text) || repeat('é', n % 5) FROM generate_series(1, 1500) n",
        "ANALYZE t",
    )
    run(pg.connect, "UPDATE t SET n = n + 1", Options(settings=SMALL))
    assert value(pg, "SELECT count(*) FROM t WHERE n = 1") == 1500


def test_a_descending_key_and_one_behind_a_nullable_one(pg):
    execute(
        pg,
        "CREATE TABLE t (a int, b int NOT NULL, n int DEFAULT 0)",
        "CREATE UNIQUE INDEX nullable ON t (a)",
        "CREATE UNIQUE INDEX descending ON t (b DESC)",
        "INSERT INTO t SELECT nullif(n, 5), n FROM generate_series(1, 1000) n",
        "ANALYZE t",
    )
    out = run(pg.connect, "UPDATE t SET n = n + 1", Options(settings=SMALL))
    assert "descending" in out.job.reasons[0]
    assert value(pg, "SELECT count(*) FROM t WHERE n = 1") == 1000


@pytest.mark.parametrize(
    ("ddl", "words"),
    [
        ("CREATE UNIQUE INDEX ON t (a)", "a may be NULL"),
        ("CREATE UNIQUE INDEX ON t (a, b)", "a may be NULL"),
        ("CREATE UNIQUE INDEX ON t (b) WHERE b > 0", "a part of the table"),
        ("CREATE UNIQUE INDEX ON t ((b + 1))", "an expression"),
        ("ALTER TABLE t ADD UNIQUE (b) DEFERRABLE", "deferrable"),
        ("CREATE UNIQUE INDEX ON t (b, c DESC)", "ordinary order"),
        ("CREATE INDEX ON t (b)", "has no unique key"),
    ],
)
def test_keys_that_will_not_do_are_refused_with_the_reason(pg, ddl, words):
    execute(pg, "CREATE TABLE t (a int, b int NOT NULL, c int NOT NULL, n int)", ddl)
    with pg.connect() as c, pytest.raises(UnfitTargetError) as caught:
        start(c, "UPDATE t SET n = n + 1")
    assert words in caught.value.why


def test_a_statement_that_changes_its_key_walks_by_another(pg):
    execute(
        pg,
        "CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL UNIQUE)",
        "INSERT INTO t SELECT n, n FROM generate_series(1, 500) n",
    )
    out = run(pg.connect, "UPDATE t SET id = id + 100000", Options(settings=SMALL))
    assert "other" in out.job.reasons[0]
    assert value(pg, "SELECT count(*) FROM t WHERE id = other + 100000") == 500


@pytest.mark.parametrize("keyed", [True, False])
def test_partitions(pg, keyed):
    execute(
        pg,
        f"CREATE TABLE t (id int, at date NOT NULL, a text, b text{', PRIMARY KEY (id, at)' if keyed else ''})"
        " PARTITION BY RANGE (at)",
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE t2 (x int, b text, a text, at date NOT NULL, id int)",  # another order of columns
        "ALTER TABLE t2 DROP COLUMN x",
        f"{'ALTER TABLE t2 ADD PRIMARY KEY (id, at)' if keyed else 'SELECT 1'}",
        "ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
        "CREATE TABLE t3 PARTITION OF t DEFAULT",
        "INSERT INTO t SELECT n, '2026-01-01'::date + n % 90, 'a' || n FROM generate_series(1, 1800) n",
        "ANALYZE t",
    )
    out = run(pg.connect, "UPDATE t AS x SET b = x.a WHERE x.b IS NULL", Options(settings=SMALL, workers=2))
    assert out.progress.rows_done == 1800
    assert value(pg, "SELECT count(*) FROM t WHERE b = a") == 1800
    assert value(pg, "SELECT count(*) FROM lockgate.backfill_source") == (
        1 if out.job.walker == "keyset" else 3
    )


def test_toasted_and_generated_values_survive(pg):
    execute(
        pg,
        "CREATE TABLE t (id int PRIMARY KEY, big text, short text,"
        " twice text GENERATED ALWAYS AS (short || short) STORED)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT n, repeat(md5(n::text), 400) FROM generate_series(1, 400) n",
        "CREATE TABLE copy AS SELECT id, md5(big) FROM t",
        "ANALYZE t",
    )
    run(pg.connect, "UPDATE t SET short = left(big, 8) WHERE short IS NULL", Options(settings=SMALL))
    assert (
        value(
            pg,
            "SELECT count(*) FROM t JOIN copy USING (id) WHERE md5(big) = md5 AND twice = left(big, 8) || left(big, 8)",
        )
        == 400
    )


def test_foreign_keys_and_checks_still_hold(pg):
    execute(
        pg,
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "INSERT INTO parent SELECT generate_series(1, 100)",
        "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent, n int)",
        "INSERT INTO t SELECT n, NULL, n FROM generate_series(1, 1000) n",
    )
    out = run(pg.connect, "UPDATE t SET p = n % 100 + 1 WHERE p IS NULL", Options(settings=SMALL))
    assert out.progress.rows_done == 1000


def test_hidden_rows_are_refused_and_an_owner_sees_all(pg):
    make_users(pg, 200)
    execute(
        pg,
        "CREATE ROLE backfill_user"
        if value(pg, "SELECT count(*) FROM pg_roles WHERE rolname = 'backfill_user'") == 0
        else "SELECT 1",
        "GRANT ALL ON users TO backfill_user",
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY p ON users USING (first_name < 'f2')",
    )
    with pg.connect() as c:
        c.execute("SET ROLE backfill_user")
        c.execute("SET search_path = public")
        from lockgate.backfill.preparation import prepare

        with pytest.raises(UnfitTargetError, match="Row level security"):
            prepare(c, "UPDATE users SET full_name = first_name WHERE full_name IS NULL")
    out = run(pg.connect, "UPDATE users SET full_name = first_name WHERE full_name IS NULL")
    assert out.progress.rows_done == 200


def test_an_empty_table_is_done_at_once(pg):
    execute(pg, "CREATE TABLE t (id int PRIMARY KEY, a int)")
    for walk in ("keyset", "pages"):
        sql = f"UPDATE t SET a = 1 WHERE a IS NULL -- {walk}"
        assert run(pg.connect, sql, Options(walker=walk), name=walk).job.status == "done"


@pytest.mark.parametrize(
    ("ddl", "words"),
    [
        ("CREATE VIEW v AS SELECT 1 AS a", "is a view"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a", "is a materialized view"),
        ("CREATE SEQUENCE v", "is a sequence"),
        (
            (
                "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
                " CREATE FOREIGN TABLE v (a int) SERVER s"
            ),
            "is a foreign table",
        ),
    ],
)
def test_what_is_no_table_is_refused(pg, ddl, words):
    execute(pg, ddl)
    with pg.connect() as c, pytest.raises(UnfitTargetError, match=words):
        start(c, "UPDATE v SET a = 2")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE users SET full_name = first_name + 1", "operator does not exist"),
        ("UPDATE users SET touched = 'five'", "invalid input syntax"),
        ("UPDATE users SET nope = 1", "does not exist"),
        ("UPDATE users SET full_name = no_such_function(first_name)", "does not exist"),
        ("UPDATE users SET full_name = o.x FROM orders o", "does not exist"),
    ],
)
def test_mistakes_are_found_before_the_first_chunk(users, sql, words):
    with users.connect() as c, pytest.raises(UsageError, match=words):
        start(c, sql)
    assert value(users, "SELECT count(*) FROM lockgate.backfill_job") == 0


def test_inherited_tables_are_refused_unless_only(pg):
    execute(
        pg,
        "CREATE TABLE a (id int PRIMARY KEY, n int)",
        "CREATE TABLE b () INHERITS (a)",
        "INSERT INTO a SELECT generate_series(1, 50)",
    )
    with pg.connect() as c, pytest.raises(UnfitTargetError, match="inherit"):
        start(c, "UPDATE a SET n = 1")
    assert run(pg.connect, "UPDATE ONLY a SET n = 1 WHERE n IS NULL").progress.rows_done == 50


def test_names_that_need_quotes(pg):
    execute(
        pg,
        'CREATE SCHEMA "My Schema"',
        'CREATE TABLE "My Schema"."Order" ("Id ""x""" int PRIMARY KEY, "select" int)',
        'INSERT INTO "My Schema"."Order" SELECT generate_series(1, 300)',
    )
    out = run(
        pg.connect,
        'UPDATE "My Schema"."Order" SET "select" = "Id ""x""" * 2 WHERE "select" IS NULL',
        Options(settings=SMALL),
    )
    assert out.progress.rows_done == 300
