"""Checksums see every lost or changed value, and nothing else."""

from __future__ import annotations

import pytest

from lockgate.proving import checksums

FLUSH = "SELECT pg_stat_force_next_flush()"


def read(connection, before=None):
    connection.execute(FLUSH)
    return checksums.read(connection, before=before)


def lost(before, after):
    return list(checksums.lost(before, after))


@pytest.fixture
def table(pg):
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, a text, b float8, c jsonb, d json)")
        connection.execute("""
            INSERT INTO t VALUES (1, 'x', 0.1, '{"a": 1}', '{"a":1}'), (2, '', 'NaN', 'null', '[]'),
                                 (3, NULL, '-0', NULL, NULL), (4, 'x', 1e300, '[1.0]', '[1.0]')
        """)
        yield connection


SAME = (
    "UPDATE t SET a = a",
    "ALTER TABLE t ADD COLUMN e int; ALTER TABLE t DROP COLUMN e",
    "CREATE TEMP TABLE k AS SELECT * FROM t; DELETE FROM t; INSERT INTO t SELECT * FROM k ORDER BY id DESC",
    "ALTER TABLE t RENAME COLUMN a TO z; ALTER TABLE t RENAME COLUMN z TO a",
    "CREATE TABLE n AS SELECT d, c, b, a, id FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t",
    "VACUUM FULL t",
    "SET timezone = 'Asia/Tokyo'; SET extra_float_digits = -3; SET bytea_output = escape",
)


@pytest.mark.parametrize("change", SAME)
def test_what_changes_nothing(table, change):
    before = read(table)
    for statement in change.split("; "):
        table.execute(statement)
    assert lost(before, read(table)) == []
    assert lost(before, read(table, before)) == []


DIFFERENT = {
    "DELETE FROM t WHERE id = 1": "held 4 rows and now holds 3",
    "INSERT INTO t (id) VALUES (9)": "held 4 rows and now holds 5",
    "UPDATE t SET a = NULL WHERE a = ''": "column a",
    "UPDATE t SET a = '' WHERE a IS NULL": "column a",
    "UPDATE t SET b = 0 WHERE id = 3": "column b",
    "UPDATE t SET b = 0.10000000000000002 WHERE id = 1": "column b",
    "UPDATE t SET c = NULL WHERE c = 'null'": "column c",
    "UPDATE t SET c = 'null' WHERE c IS NULL": "column c",
    "UPDATE t SET d = d::jsonb::json": "column d",
    "UPDATE t SET a = CASE id WHEN 1 THEN '' WHEN 2 THEN 'x' ELSE a END": "stand in other rows",
    "UPDATE t SET a = c::text, c = NULL": "columns a, c",
    "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text": "column a",
    "ALTER TABLE t DROP COLUMN a": "values of column a in table public.t are gone",
    "TRUNCATE t": "held 4 rows and now holds 0",
    "DROP TABLE t": "4 rows of table public.t are gone with the table",
    "ALTER TABLE t ALTER COLUMN id TYPE bigint USING id + 1": "column id",
}


@pytest.mark.parametrize("change", DIFFERENT)
def test_what_is_lost_is_named(table, change):
    before = read(table)
    for statement in change.split("; "):
        table.execute(statement)
    whole, partly = lost(before, read(table)), lost(before, read(table, before))
    assert whole == partly
    assert DIFFERENT[change] in "; ".join(whole)


WITHOUT_WRITING = {
    "ALTER TABLE m ALTER COLUMN at TYPE timestamp": "SET timezone = 'UTC'",
    "ALTER TABLE m ALTER COLUMN v TYPE varchar(20)": "SELECT 1",
    "ALTER TABLE m ALTER COLUMN d DROP EXPRESSION": "SELECT 1",
}


@pytest.mark.parametrize("change", WITHOUT_WRITING)
def test_types_that_change_without_a_rewrite_are_read_again(pg, change):
    with pg.connect() as connection:
        connection.execute(
            "CREATE TABLE m (v varchar(10), at timestamptz, i int, d int GENERATED ALWAYS AS (i * 2) STORED)"
        )
        connection.execute("INSERT INTO m (v, at, i) VALUES ('x', '2024-01-01 00:00:00+00', 4)")
        before = read(connection)
        connection.execute(WITHOUT_WRITING[change])
        connection.execute(change)
        assert read(connection, before).tables == read(connection).tables


def test_within_one_transaction(table):
    """Rows that were written in a transaction that is still open, or was taken back, are seen as they are."""
    before = read(table)
    with table.transaction(force_rollback=True):
        table.execute("DELETE FROM t WHERE id = 1")
        inside = checksums.read(table, before=before)
        assert "now holds 3" in lost(before, inside)[0]
        with table.transaction(force_rollback=True):
            table.execute("TRUNCATE t")
            assert "now holds 0" in lost(before, checksums.read(table, before=inside))[0]
        assert lost(inside, checksums.read(table, before=inside)) == []
    assert lost(before, read(table, inside)) == []


def test_partitions_inheritance_and_hostile_names(pg):
    with pg.connect() as connection:
        connection.execute("""
            CREATE TABLE p (a int, b text) PARTITION BY LIST (a);
            CREATE TABLE p1 (b text, a int); ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
            CREATE TABLE par (a int); CREATE TABLE kid () INHERITS (par);
            CREATE TABLE "we""ird ""T%s" ("a b" int, "%" text, "C'" int);
            CREATE TABLE nothing ();
            INSERT INTO p VALUES (1, 'x'); INSERT INTO par VALUES (1); INSERT INTO kid VALUES (2), (3);
            INSERT INTO "we""ird ""T%s" VALUES (1, 'x', 2); INSERT INTO nothing DEFAULT VALUES;
        """)
        found = read(connection)
        rows = {name.name: table.rows for name, table in found.tables.items()}
        assert rows == {"p1": 1, "par": 1, "kid": 2, 'we"ird "T%s': 1, "nothing": 1}
        connection.execute("DELETE FROM kid WHERE a = 2")
        assert lost(found, read(connection, found)) == ["table public.kid held 2 rows and now holds 1"]


@pytest.mark.parametrize("pg", [18], indirect=True)
def test_virtual_columns_that_fail_are_not_asked(pg):
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (1 / a) VIRTUAL)")
        connection.execute("INSERT INTO t VALUES (0)")
        assert read(connection).rows == 1


def test_sequences_only_count_backwards(pg):
    with pg.connect() as connection:
        connection.execute("CREATE SEQUENCE up; CREATE SEQUENCE down INCREMENT -1; CREATE SEQUENCE unused")
        connection.execute("SELECT nextval('up'), nextval('up'), nextval('down'), nextval('down')")
        before = read(connection)
        connection.execute("SELECT nextval('up'), nextval('down'), nextval('unused')")
        assert lost(before, read(connection)) == []
        connection.execute("SELECT setval('up', 1); DROP SEQUENCE down; CREATE SEQUENCE down INCREMENT -1")
        said = lost(before, read(connection))
        assert "sequence public.down stood at -2 and now has never been used" in said[0]
        assert "sequence public.up stood at 2 and now stands at 1" in said[1]


def test_contents_of_a_clone_begin_with_those_of_its_source(pg):
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        source = read(connection)
    clone = f"{pg.name}_clone"
    with pg.connect_admin(dbname="postgres") as admin:
        admin.execute(f"CREATE DATABASE {clone} TEMPLATE {pg.name} STRATEGY file_copy")
        try:
            with pg.connect_admin(dbname=clone) as connection:
                known = source.in_clone()
                assert lost(source, checksums.read(connection, before=known)) == []
                connection.execute("UPDATE t SET a = 2")
                assert lost(source, read(connection, known)) != []
        finally:
            admin.execute(f"DROP DATABASE {clone} WITH (FORCE)")
