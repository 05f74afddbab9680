"""How far queries get on a real server, and that nothing which they would do outside of a transaction is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.servers import Database

from lockgate.proving.application.parameters import Values
from lockgate.proving.application.query import Grade, Outcome, Query
from lockgate.proving.application.reach import read_reach
from lockgate.proving.application.reading import query_of
from lockgate.proving.application.trying import Trier

SCHEMA = """
CREATE TABLE notes (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, body text, made timestamptz DEFAULT now());
INSERT INTO notes (body) VALUES ('hunter2');
CREATE MATERIALIZED VIEW found AS SELECT id FROM notes;
CREATE SCHEMA shop CREATE TABLE goods (id int);
CREATE FUNCTION tell(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(100); END $$;
CREATE FUNCTION tell_all() RETURNS void LANGUAGE sql BEGIN ATOMIC SELECT public.tell('x'); END;
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM tell_all(); RETURN NEW; END $$;
CREATE TABLE loud (id int);
CREATE TRIGGER fires BEFORE INSERT ON loud FOR EACH ROW EXECUTE FUNCTION fired();
CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'no % for you', (SELECT body FROM notes) USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE PROCEDURE tidy() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
"""


def query(sql: str, role: str | None = None, path: str | None = None) -> Query:
    found = query_of(sql, sql, role, search_path=path)
    assert found is not None, sql
    return found


def tried(connection: psycopg.Connection[Any], *queries: Query) -> list[Outcome]:
    return list(Trier(Values(), "postgres").try_all(connection, queries).values())


HELD_BACK = [
    "SELECT pg_sleep(100)",
    "SELECT setval('notes_id_seq', 9000)",
    "SELECT lo_export(1, '{}')",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT pg_advisory_lock($1)",
    "SELECT lastval()",
    "WITH gone AS (DELETE FROM notes RETURNING tell(body)) SELECT count(*) FROM gone",
    "SELECT tell_all()",
    "INSERT INTO loud VALUES ($1)",
    "COPY (SELECT pg_sleep(100)) TO STDOUT",
]


def test_what_no_rollback_takes_back_is_planned_and_not_run(pg: Database, tmp_path: Path) -> None:
    pg.execute(SCHEMA)
    place = tmp_path / "file"
    with pg.connect() as connection:
        for sql in HELD_BACK:
            (outcome,) = tried(connection, query(sql.format(place)))
            assert outcome.is_held_back, (sql, outcome)
            assert str(outcome.message).startswith("not run: ")
        assert connection.execute("SELECT last_value FROM notes_id_seq").fetchone() == (1,)
        count = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        assert connection.execute(count).fetchone() == (0,)
    assert not place.exists()


def test_what_a_rollback_takes_back_is_run_and_leaves_nothing(pg: Database) -> None:
    pg.execute(SCHEMA)
    queries = [
        query(sql)
        for sql in (
            "INSERT INTO notes (body) VALUES ($1) ON CONFLICT (id) DO UPDATE SET body = excluded.body RETURNING *",
            "WITH gone AS (DELETE FROM notes RETURNING *) SELECT count(*) FROM gone",
            "SELECT * FROM notes FOR UPDATE SKIP LOCKED",
            "SELECT nextval('notes_id_seq'), pg_advisory_xact_lock(1), lo_create(0), pg_notify('a', 'b')",
            "TRUNCATE notes",
            "COPY notes (body) FROM STDIN",
            "COPY notes TO STDOUT",
            "LOCK TABLE notes",
            "REFRESH MATERIALIZED VIEW found",
            "MERGE INTO notes AS n USING shop.goods AS g ON g.id = n.id WHEN MATCHED THEN DELETE",
            "SELECT jsonb_build_object($1, $2), made FROM notes WHERE made > now() - interval $3",
            "SELECT * INTO TEMP kept FROM notes",
            "COPY notes TO PROGRAM 'false'",
        )
    ]
    with pg.connect() as connection:
        assert {outcome.grade for outcome in tried(connection, *queries)} == {Grade.RUNS}
        assert connection.execute("SELECT body FROM notes").fetchall() == [("hunter2",)]
        assert connection.execute("SELECT FROM pg_largeobject_metadata").fetchall() == []


REFUSED = [
    ("SELECT FROM notes WHERE id = 'hunter2'", Grade.FAILS, "22P02", "invalid text representation"),
    ("INSERT INTO notes VALUES (1, 'x')", Grade.FAILS, "428C9", "cannot insert a non-DEFAULT value"),
    ("SELECT refuse()", Grade.PREPARES, "42501", "insufficient privilege"),
    ("SELECT body::int FROM notes", Grade.PREPARES, "22P02", "invalid text representation"),
    ("CALL tidy()", Grade.PREPARES, "2D000", "invalid transaction termination"),
    ("SELECT nothing FROM notes", Grade.FAILS, "42703", 'column "nothing" does not exist'),
]


def test_a_refusal_is_told_without_a_value(pg: Database) -> None:
    pg.execute(SCHEMA)
    with pg.connect() as connection:
        for sql, grade, state, words in REFUSED:
            (outcome,) = tried(connection, query(sql))
            assert (outcome.grade, outcome.sqlstate) == (grade, state), sql
            assert str(outcome.message).startswith(words)
            assert "hunter2" not in str(outcome.message)


def test_privileges_count_for_what_is_only_planned(pg: Database) -> None:
    pg.execute(SCHEMA)
    with pg.connect() as connection:
        denied, unknown = tried(
            connection,
            query("SELECT pg_sleep(100), body FROM notes", "pg_monitor"),
            query("SELECT body FROM notes", "nobody_made_me"),
        )
    assert (denied.grade, denied.sqlstate) == (Grade.FAILS, "42501")
    assert unknown.grade is Grade.RUNS


def test_the_search_path_is_the_query_s_or_that_of_its_role(pg: Database) -> None:
    role = f"clerk_{pg.name}"
    pg.execute(
        f"{SCHEMA} CREATE ROLE {role}; GRANT USAGE ON SCHEMA shop TO {role}; GRANT SELECT ON shop.goods TO {role};"
        f"ALTER ROLE {role} IN DATABASE {pg.name} SET search_path = shop, public"
    )
    with pg.connect() as connection:
        outcomes = tried(
            connection,
            query("SELECT id FROM goods"),
            query("SELECT id FROM goods", None, '"$user", "shop", "extensions"'),
            query("SELECT id FROM goods", role),
            query("SELECT id FROM goods", role, "public"),
        )
        connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert [outcome.grade for outcome in outcomes] == [Grade.FAILS, Grade.RUNS, Grade.RUNS, Grade.FAILS]


def test_a_foreign_table_is_left_alone(pg: Database) -> None:
    pg.execute(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1',"
        " port '1'); CREATE USER MAPPING FOR PUBLIC SERVER far; CREATE FOREIGN TABLE away (id int) SERVER far;"
        "CREATE VIEW over_there AS SELECT id FROM away"
    )
    with pg.connect() as connection:
        assert read_reach(connection).of("SELECT 1") is None
        connection.execute("SET restrict_nonsystem_relation_kind = 'foreign-table'")
        outcomes = tried(
            connection, query("SELECT id FROM over_there"), query("DELETE FROM away WHERE id = $1")
        )
    assert [outcome.is_held_back for outcome in outcomes] == [True, True]


@pytest.mark.parametrize("autocommit", [True, False])
def test_psycopg_forgets_a_refused_statement_with_the_transaction_only(
    pg: Database, autocommit: bool
) -> None:
    """As docs/how-to/keep-old-queries-working.md says of drivers."""
    pg.execute("CREATE TABLE notes (id int)")
    with pg.connect(autocommit=autocommit, prepare_threshold=0) as pool:
        pool.execute("SELECT * FROM notes WHERE id = %s", (1,))
        pool.commit()
        pg.execute("ALTER TABLE notes ADD body text")
        for attempt in range(3):
            if attempt == 0 or autocommit:
                with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan must not change"):
                    pool.execute("SELECT * FROM notes WHERE id = %s", (1,))
                pool.rollback()
            else:
                pool.execute("SELECT * FROM notes WHERE id = %s", (1,))
