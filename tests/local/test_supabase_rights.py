"""What a hosted project permits is permitted, what it refuses is refused with the same SQLSTATE, on every major."""

from __future__ import annotations

import psycopg
import pytest

pytestmark = pytest.mark.server

OK = None
DENIED = "42501"
TRIGGER_FUNCTION = "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
TRIGGER = "CREATE TRIGGER t AFTER INSERT ON {} FOR EACH ROW EXECUTE FUNCTION public.f();"
EVENT_FUNCTION = "CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
MINE = "CREATE TABLE public.mine (id int PRIMARY KEY, user_id uuid REFERENCES auth.users ON DELETE CASCADE);"

CONTRIB = ("amcheck", "hstore", "pg_trgm", "postgres_fdw")
"""Extensions that not every wheel brings along; where they are missing their cases say nothing."""

CASES = [
    # platform tables: policies and triggers are ours, the tables are not
    (OK, "CREATE POLICY p ON storage.objects FOR SELECT TO authenticated USING (bucket_id = 'a')"),
    (OK, "CREATE POLICY p ON storage.objects USING (true); ALTER POLICY p ON storage.objects USING (false)"),
    (
        DENIED,
        "CREATE POLICY p ON storage.objects USING (true); ALTER POLICY p ON storage.objects RENAME TO q",
    ),
    (OK, "CREATE POLICY p ON storage.buckets USING (true); DROP POLICY p ON storage.buckets"),
    (OK, "DROP POLICY IF EXISTS p ON storage.objects"),
    (OK, "CREATE POLICY p ON auth.users FOR SELECT USING (auth.uid() = id)"),
    (OK, "CREATE POLICY p ON realtime.messages FOR SELECT USING (realtime.topic() = 'a')"),
    (OK, "SET LOCAL search_path TO storage; CREATE POLICY p ON objects USING (true)"),
    (OK, "DO $$BEGIN EXECUTE format('CREATE POLICY p ON %I.%I USING (true)', 'storage', 'objects'); END$$"),
    (DENIED, "CREATE POLICY p ON storage.migrations USING (true)"),
    (DENIED, "CREATE POLICY p ON auth.schema_migrations USING (true)"),
    (DENIED, "CREATE POLICY p ON vault.secrets USING (true)"),
    (
        OK,
        TRIGGER_FUNCTION
        + "CREATE TRIGGER t AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.f()",
    ),
    (
        OK,
        TRIGGER_FUNCTION
        + "CREATE TRIGGER t AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.f();"
        + "DROP TRIGGER t ON auth.users",
    ),
    (OK, "DROP TRIGGER IF EXISTS on_auth_user_created ON auth.users"),
    (DENIED, "ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY"),
    (DENIED, "ALTER TABLE storage.objects ADD COLUMN mine text"),
    (DENIED, "ALTER TABLE auth.users ADD COLUMN nickname text"),
    (DENIED, "CREATE INDEX ON auth.users (email)"),
    (DENIED, "COMMENT ON TABLE auth.users IS 'mine'"),
    (DENIED, "DROP TABLE auth.sessions"),
    (DENIED, "ALTER TABLE auth.users OWNER TO postgres"),
    (DENIED, "CREATE TABLE auth.mine (id int)"),
    (DENIED, "CREATE FUNCTION auth.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    (DENIED, "CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'"),
    (DENIED, "CREATE TABLE storage.mine (id int)"),
    (DENIED, "CREATE TABLE realtime.mine (id int)"),
    (DENIED, "CREATE TABLE graphql_public.mine (id int)"),
    # a loan ends with the command it was made for, and with its failure
    (
        DENIED,
        "CREATE POLICY p ON storage.objects USING (true); ALTER TABLE storage.objects ADD COLUMN mine text",
    ),
    (
        DENIED,
        "DROP POLICY IF EXISTS p ON storage.objects; ALTER TABLE storage.objects DISABLE ROW LEVEL SECURITY",
    ),
    (
        DENIED,
        "CREATE PUBLICATION p FOR ALL TABLES; CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION now()",
    ),
    (DENIED, "CREATE PUBLICATION p FOR ALL TABLES; COPY (SELECT 1) TO PROGRAM 'true'"),
    (OK, TRIGGER_FUNCTION + TRIGGER.format("storage.objects")),
    (OK, TRIGGER_FUNCTION + TRIGGER.format("realtime.messages")),
    (DENIED, TRIGGER_FUNCTION + TRIGGER.format("auth.users") + "ALTER TRIGGER t ON auth.users RENAME TO u"),
    (DENIED, TRIGGER_FUNCTION + TRIGGER.format("auth.users") + "ALTER TABLE auth.users DISABLE TRIGGER t"),
    (DENIED, TRIGGER_FUNCTION + TRIGGER.format("auth.users") + "COMMENT ON TRIGGER t ON auth.users IS 'x'"),
    (
        DENIED,
        "CREATE POLICY p ON storage.objects USING (true); COMMENT ON POLICY p ON storage.objects IS 'x'",
    ),
    (DENIED, "ALTER TABLE storage.objects DISABLE TRIGGER protect_objects_delete"),
    (DENIED, "ALTER TYPE auth.aal_level ADD VALUE 'x'"),
    (DENIED, "CREATE RULE r AS ON INSERT TO auth.users DO ALSO NOTHING"),
    (DENIED, "DROP FUNCTION storage.foldername(text)"),
    (DENIED, "DROP SCHEMA storage CASCADE"),
    (DENIED, "ALTER SCHEMA auth OWNER TO postgres"),
    (DENIED, "CREATE TABLE vault.mine (id int)"),
    (DENIED, "CREATE TABLE supabase_functions.mine (id int)"),
    (DENIED, "CREATE TABLE pgbouncer.mine (id int)"),
    (OK, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO anon"),
    ("42P06", "CREATE SCHEMA auth"),
    (OK, "CREATE SCHEMA IF NOT EXISTS auth"),
    # rows
    (OK, "TRUNCATE storage.objects"),
    (DENIED, "UPDATE vault.secrets SET name = 'x'"),
    (OK, "INSERT INTO storage.buckets (id, name, public) VALUES ('a', 'a', true)"),
    (
        OK,
        "INSERT INTO storage.buckets (id, name) VALUES ('a', 'a'); UPDATE storage.buckets SET public = true",
    ),
    (DENIED, "DELETE FROM storage.buckets WHERE id = 'a'"),
    (DENIED, "DELETE FROM storage.objects"),
    (OK, "SET LOCAL storage.allow_delete_query = 'true'; DELETE FROM storage.objects"),
    (OK, "INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'a@example.org')"),
    (OK, "TRUNCATE auth.users CASCADE"),
    (DENIED, "INSERT INTO vault.secrets (secret) VALUES ('x')"),
    (OK, "SELECT vault.create_secret('x', 'name'); SELECT decrypted_secret FROM vault.decrypted_secrets"),
    # tables of one's own
    (OK, MINE + "CREATE POLICY p ON public.mine USING (auth.uid() = user_id)"),
    (OK, "CREATE VIEW public.people AS SELECT id, email FROM auth.users"),
    (OK, "CREATE SCHEMA app; CREATE TABLE app.t (id int); GRANT USAGE ON SCHEMA app TO anon"),
    (OK, MINE + "ALTER PUBLICATION supabase_realtime ADD TABLE public.mine"),
    (OK, "DROP PUBLICATION supabase_realtime; CREATE PUBLICATION supabase_realtime FOR ALL TABLES"),
    (OK, "CREATE PUBLICATION p FOR TABLES IN SCHEMA public"),
    (OK, "ALTER PUBLICATION supabase_realtime ADD TABLE auth.users"),
    (OK, "CREATE PUBLICATION p FOR TABLE storage.objects"),
    (DENIED, "ALTER PUBLICATION supabase_realtime ADD TABLE auth.users; DROP TABLE auth.sessions"),
    # roles and settings
    (DENIED, "SET ROLE dashboard_user"),
    (DENIED, "SET SESSION AUTHORIZATION anon"),
    (DENIED, "ALTER ROLE ALL SET statement_timeout = '1s'"),
    (OK, "ALTER ROLE authenticator SET statement_timeout = '30s'"),
    (OK, "ALTER ROLE postgres SET pgaudit.log = 'all'"),
    (DENIED, "ALTER ROLE authenticator SET session_preload_libraries = 'x'"),
    (DENIED, "SET deadlock_timeout = '2s'"),
    (OK, "SET log_min_duration_statement = 0"),
    (OK, "CREATE ROLE worker; GRANT worker TO authenticator; GRANT worker TO postgres"),
    (OK, "GRANT INSERT ON auth.users TO anon"),
    (DENIED, "COPY (SELECT 1) TO '/srv/mine'"),
    (DENIED, "SELECT lo_import('/etc/hostname')"),
    (DENIED, "CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'now'"),
    (DENIED, "UPDATE pg_catalog.pg_class SET relname = 'x' WHERE false"),
    (DENIED, "DROP EVENT TRIGGER pgrst_ddl_watch"),
    (OK, "SET ROLE anon"),
    (OK, "SET ROLE service_role"),
    (DENIED, "SET ROLE supabase_admin"),
    (DENIED, "SET ROLE supabase_storage_admin"),
    (DENIED, "SET ROLE supabase_auth_admin"),
    (OK, "ALTER ROLE anon SET statement_timeout = '10s'"),
    (OK, "ALTER ROLE authenticator SET pgrst.db_schemas = 'public, app'"),
    (OK, "CREATE ROLE worker LOGIN PASSWORD 'x'; GRANT authenticated TO worker"),
    (OK, "GRANT SELECT ON auth.users TO service_role"),
    (OK, "GRANT ALL ON storage.objects TO authenticated"),
    (OK, "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM anon"),
    (DENIED, "ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON TABLES TO anon"),
    (OK, "SET session_replication_role = replica"),
    (OK, "ALTER DATABASE {database} SET timezone TO 'UTC'"),
    (DENIED, "ALTER DATABASE {database} SET app.settings.secret TO 'x'"),
    (DENIED, "ALTER ROLE postgres SUPERUSER"),
    (DENIED, "SELECT pg_read_file('/etc/hostname')"),
    (DENIED, "COPY (SELECT 1) TO PROGRAM 'true'"),
    (DENIED, "SET log_statement_stats = on"),
    # extensions and what else hosted projects add to the rights of a plain role
    (OK, "CREATE EXTENSION pgjwt WITH SCHEMA extensions; SELECT extensions.sign('{{}}', 's')"),
    (OK, 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions; SELECT uuid_generate_v4()'),
    (OK, "DROP EXTENSION IF EXISTS pg_stat_statements"),
    (OK, "CREATE EXTENSION moddatetime SCHEMA extensions"),
    (OK, "CREATE EXTENSION pg_cron; SELECT cron.schedule('a', '0 3 * * *', 'SELECT 1')"),
    (OK, "CREATE EXTENSION pg_net WITH SCHEMA extensions; SELECT net.http_get('http://127.0.0.1')"),
    (OK, "CREATE EXTENSION pgmq; SELECT pgmq.create('q'); SELECT pgmq.send('q', '{{}}')"),
    (OK, "CREATE EXTENSION vector WITH SCHEMA extensions; CREATE TABLE v (e vector(3))"),
    (OK, "CREATE EXTENSION postgres_fdw; CREATE SERVER o FOREIGN DATA WRAPPER postgres_fdw"),
    (OK, "CREATE EXTENSION hstore SCHEMA public; ALTER EXTENSION hstore SET SCHEMA extensions"),
    (
        DENIED,
        "CREATE EXTENSION hstore SCHEMA public; ALTER EXTENSION hstore SET SCHEMA extensions; CREATE ROLE r SUPERUSER",
    ),
    (OK, "COMMENT ON EXTENSION pgcrypto IS 'mine'; COMMENT ON EXTENSION plpgsql IS 'mine'"),
    (
        DENIED,
        "COMMENT ON EXTENSION pgcrypto IS 'mine'; ALTER EXTENSION pgcrypto DROP FUNCTION gen_salt(text)",
    ),
    (DENIED, "DROP EXTENSION plpgsql"),
    (DENIED, "CREATE EXTENSION amcheck"),
    ("0A000", "CREATE EXTENSION nonsense"),
    ("42710", "CREATE EXTENSION pgcrypto"),
    ("55000", "CREATE SCHEMA net; CREATE EXTENSION pg_net"),
    (
        OK,
        "CREATE EXTENSION pg_net; SELECT net.wake(), net.wait_until_running(); DELETE FROM net._http_response",
    ),
    (DENIED, "CREATE EXTENSION pg_net; CREATE TABLE net.mine (id int)"),
    (DENIED, "CREATE EXTENSION pg_cron; UPDATE cron.job SET active = false"),
    (OK, "CREATE EXTENSION pg_cron; DELETE FROM cron.job_run_details"),
    ("P0001", "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions VERSION '1.5'"),
    (OK, "CREATE FOREIGN DATA WRAPPER w; DROP FOREIGN DATA WRAPPER w"),
    (DENIED, "CREATE FOREIGN DATA WRAPPER w; ALTER FOREIGN DATA WRAPPER w OPTIONS (a 'b')"),
    (OK, EVENT_FUNCTION + "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e()"),
    (
        OK,
        EVENT_FUNCTION
        + "COMMENT ON FUNCTION public.e() IS 'x'; DROP EVENT TRIGGER IF EXISTS e;"
        + "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e(); CREATE TABLE after_it (id int)",
    ),
    (DENIED, EVENT_FUNCTION + "ALTER TABLE auth.users ADD COLUMN nickname text"),
]


def attempt(connection, sql):
    """The SQLSTATE of the first failure, or None; nothing stays."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.mark.parametrize("supabase_db", [15, 16, 17, 18], indirect=True)
def test_the_rights_of_the_owner(supabase_db) -> None:
    wrong = []
    missing = [one for one in CONTRIB if not supabase_db.installation.has_extension(one)]
    for expected, sql in CASES:
        if any(one in sql for one in missing):
            continue
        with supabase_db.connect() as connection:
            found = attempt(connection, sql.format(database=supabase_db.name))
        if found != expected:
            wrong.append((expected, found, sql))
    assert wrong == []


@pytest.mark.parametrize("supabase_db", [15, 17], indirect=True)
def test_no_loan_outlives_its_transaction(supabase_db) -> None:
    for _, sql in CASES:
        with supabase_db.connect() as connection:
            attempt(connection, sql.format(database=supabase_db.name))
    with supabase_db.connect() as connection:
        connection.execute("CREATE POLICY p ON storage.objects USING (true)")
        connection.execute(EVENT_FUNCTION)
        connection.execute("CREATE PUBLICATION p FOR ALL TABLES")
    with supabase_db.connect_admin() as admin:
        row = admin.execute(
            "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'),"
            " (SELECT count(*) FROM pg_class WHERE relowner = 'postgres'::regrole"
            "  AND relnamespace::regnamespace::text IN ('auth', 'storage', 'realtime')),"
            " (SELECT count(*) FROM pg_extension WHERE extowner = 'postgres'::regrole)"
        ).fetchone()
    assert row == (False, 0, 0)


def test_event_triggers_need_one_transaction_with_their_function(supabase_db) -> None:
    """The one right that is only lent in part: nothing fires for CREATE EVENT TRIGGER, so it cannot be lent later."""
    with supabase_db.connect() as connection:
        connection.execute(EVENT_FUNCTION)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.e()")


def test_the_configuration_of_the_server_is_out_of_reach(supabase_db) -> None:
    with supabase_db.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER SYSTEM SET work_mem = '8MB'")


def test_others_are_lent_nothing(supabase_db) -> None:
    with supabase_db.connect() as connection:
        for role in ("anon", "authenticated", "service_role"):
            assert (
                attempt(connection, f"SET LOCAL ROLE {role}; CREATE POLICY p ON storage.objects USING (true)")
                == DENIED
            )


def test_a_policy_made_by_the_owner_works_for_the_api(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute("INSERT INTO storage.buckets (id, name) VALUES ('a', 'a'), ('b', 'b')")
        connection.execute(
            "INSERT INTO storage.objects (bucket_id, name) VALUES ('a', 'x/1.png'), ('b', 'y/2.png')"
        )
        connection.execute(
            "CREATE POLICY p ON storage.objects FOR SELECT TO authenticated"
            " USING ((storage.foldername(name))[1] = auth.jwt() ->> 'folder')"
        )
        with connection.transaction():
            connection.execute("SET LOCAL ROLE authenticated")
            connection.execute("""SET LOCAL request.jwt.claims = '{"folder": "x"}'""")
            rows = connection.execute("SELECT name, path_tokens FROM storage.objects").fetchall()
    assert rows == [("x/1.png", ["x", "1.png"])]
