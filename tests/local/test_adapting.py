"""Vector indexes with options, where only a substitute can make them."""

from __future__ import annotations

import psycopg
import pytest

from lockgate.engine.connecting import connect
from lockgate.local.adapting import LocalCursor, without_options


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            "CREATE INDEX i ON t USING hnsw (e vector_cosine_ops) WITH (m = 16, ef_construction = 64)",
            "CREATE INDEX i ON t USING hnsw (e vector_cosine_ops)",
        ),
        (
            'CREATE INDEX CONCURRENTLY IF NOT EXISTS "I" ON a.t USING ivfflat (e) WITH (lists = 100) WHERE e > 1',
            'CREATE INDEX CONCURRENTLY IF NOT EXISTS "I" ON a.t USING ivfflat (e) WHERE e > 1',
        ),
        ("CREATE INDEX ON t (a) WITH (fillfactor = 70)", "CREATE INDEX ON t (a) WITH (fillfactor = 70)"),
        ("SELECT ' USING hnsw WITH ('", "SELECT ' USING hnsw WITH ('"),
        ("not SQL USING hnsw WITH (", "not SQL USING hnsw WITH ("),
    ],
)
def test_only_the_options_go(given, kept) -> None:
    assert without_options(given) == kept


TABLE = "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions; CREATE TABLE t (e vector(3))"
INDEX = "CREATE INDEX i ON t USING hnsw (e vector_l2_ops) WITH (m = 8)"


@pytest.mark.server
@pytest.mark.parametrize(("supabase_db", "options"), [(17, None), (18, ["m=8"])], indirect=["supabase_db"])
def test_a_real_server_keeps_them(supabase_db, options) -> None:
    with connect(supabase_db.url) as connection:
        assert connection.cursor_factory is LocalCursor
        connection.execute(TABLE)
        connection.execute(INDEX)
        connection.execute(
            "DO $$ BEGIN CREATE INDEX j ON t USING hnsw (e vector_l2_ops) WITH (m = 8); END $$"
        )
        rows = connection.execute("SELECT reloptions FROM pg_class WHERE relname IN ('i', 'j')").fetchall()
    assert rows == [(options,), (options,)]


@pytest.mark.server
def test_another_client_is_told_the_truth(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute(TABLE)
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="take no options"):
            connection.execute(INDEX)


@pytest.mark.server
def test_it_works_in_the_middle_of_a_pipeline(supabase_db) -> None:
    with connect(supabase_db.url) as connection:
        with connection.transaction(), connection.pipeline():
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions")
            connection.execute("CREATE TABLE t (e vector(3))")
            connection.execute(INDEX)
        row = connection.execute("SELECT to_regclass('i') IS NOT NULL").fetchone()
    assert row == (True,)


FUNCTION = "CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
EVENT_TRIGGER = "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e()"


@pytest.mark.server
@pytest.mark.parametrize("supabase_db", [15, 17], indirect=True)
def test_an_event_trigger_may_follow_in_another_transaction(supabase_db) -> None:
    with connect(supabase_db.url) as connection:
        connection.execute(FUNCTION)
        with connection.transaction(), connection.pipeline():
            connection.execute("CREATE TABLE t (id int)")
            connection.execute(EVENT_TRIGGER)
            connection.execute("COMMENT ON EVENT TRIGGER e IS 'mine'")
        rows = connection.execute(
            "SELECT evtowner::regrole::text, (SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres')"
            " FROM pg_event_trigger WHERE evtname = 'e'"
        ).fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE ROLE sneaky SUPERUSER")
    assert rows == [("postgres", False)]


@pytest.mark.server
def test_the_way_back_of_an_event_trigger_is_open_too(supabase_db) -> None:
    with connect(supabase_db.url) as connection:
        connection.execute(FUNCTION)
        with connection.transaction():
            connection.execute(EVENT_TRIGGER)
        connection.execute("ALTER EVENT TRIGGER e DISABLE")
        connection.execute("DROP EVENT TRIGGER e")


@pytest.mark.server
@pytest.mark.parametrize("supabase_db", [15, 17], indirect=True)
@pytest.mark.parametrize(
    ("state", "statement"),
    [
        ("42501", "GRANT supabase_auth_admin TO postgres"),
        ("42501", "GRANT pg_read_server_files TO postgres"),
        ("42501", "ALTER ROLE supabase_storage_admin WITH LOGIN"),
        ("42501", "GRANT authenticator TO postgres"),
        ("42501", "ALTER ROLE anon NOLOGIN"),
        ("42501", "ALTER ROLE anon RENAME TO lockgate_adapting"),
        ("42501", "DROP ROLE IF EXISTS supabase_read_only_user"),
        ("42501", "CREATE ROLE lockgate_adapting IN ROLE pg_execute_server_program"),
        (None, "CREATE ROLE lockgate_adapting IN ROLE anon"),
        (None, "DROP ROLE IF EXISTS lockgate_adapting"),
        ("42710", "CREATE ROLE anon"),
        ("42501", "CREATE ROLE lockgate_adapting SUPERUSER BYPASSRLS"),
        (None, "CREATE ROLE lockgate_adapting LOGIN BYPASSRLS REPLICATION"),
        (None, "ALTER ROLE anon SET statement_timeout = '5s'"),
        ("42501", "ALTER ROLE supabase_storage_admin SET statement_timeout = '5s'"),
        (None, "ALTER ROLE authenticator SET pgrst.not_known_yet TO 'on'"),
        (None, "GRANT anon TO authenticator"),
        (
            None,
            "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        ),
        (None, 'CREATE TABLE named (a text COLLATE "en-x-icu", b text COLLATE "en_US")'),
    ],
)
def test_what_nothing_on_the_server_could_notice(supabase_db, state, statement) -> None:
    found = None
    with connect(supabase_db.url) as connection:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement)
        except psycopg.Error as error:
            found = error.sqlstate
    assert found == state
