"""Roles, schemas, defaults, functions and triggers as on hosted projects."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest

from lockgate.sql.queries import read as read_query

pytestmark = pytest.mark.server

# super, inherit, createrole, createdb, login, replication, bypassrls
ROLES = {
    "supabase_admin": (True, True, True, True, True, True, True),
    "postgres": (False, True, True, True, True, True, True),
    "anon": (False, True, False, False, False, False, False),
    "authenticated": (False, True, False, False, False, False, False),
    "service_role": (False, True, False, False, False, False, True),
    "authenticator": (False, False, False, False, True, False, False),
    "dashboard_user": (False, True, True, True, False, True, False),
    "supabase_auth_admin": (False, False, True, False, True, False, False),
    "supabase_storage_admin": (False, False, True, False, True, False, False),
    "supabase_read_only_user": (False, True, False, False, True, False, True),
}


@pytest.mark.parametrize("supabase_db", [15, 16, 17, 18], indirect=True)
def test_roles_have_their_attributes(supabase_db) -> None:
    with supabase_db.connect() as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
            " rolbypassrls FROM pg_roles WHERE rolname = ANY (%s)",
            (list(ROLES),),
        ).fetchall()
    assert {name: tuple(rest) for name, *rest in rows} == ROLES


@pytest.mark.parametrize(("supabase_db", "admin"), [(15, False), (17, True)], indirect=["supabase_db"])
def test_memberships_of_the_owner(supabase_db, admin) -> None:
    with supabase_db.connect() as connection:
        rows = connection.execute(
            "SELECT roleid::regrole::text, bool_or(admin_option) FROM pg_auth_members"
            " WHERE member = 'postgres'::regrole GROUP BY 1"
        ).fetchall()
    found = dict(rows)
    assert found["anon"] is found["authenticated"] is found["service_role"] is admin
    assert not {"supabase_admin", "supabase_auth_admin", "supabase_storage_admin"} & set(found)


def test_settings_of_roles(supabase_db) -> None:
    with supabase_db.connect() as connection:
        rows = dict(
            connection.execute(
                "SELECT rolname, rolconfig FROM pg_roles WHERE rolconfig IS NOT NULL"
            ).fetchall()
        )
        assert connection.execute("SHOW search_path").fetchone() == ('"$user", public, extensions',)
    assert rows["anon"] == ["statement_timeout=3s"]
    assert rows["authenticated"] == ["statement_timeout=8s"]
    assert rows["supabase_auth_admin"][0] == "search_path=auth"


def test_a_new_table_in_public_is_open_until_policies_close_it(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute("CREATE TABLE open (id serial)")
        for role in ("anon", "authenticated", "service_role"):
            row = connection.execute(
                "SELECT has_table_privilege(%(role)s, 'open', 'INSERT'),"
                " has_sequence_privilege(%(role)s, 'open_id_seq', 'USAGE')",
                {"role": role},
            ).fetchone()
            assert row == (True, True)


@pytest.mark.parametrize("supabase_db", [15, 16, 17, 18], indirect=True)
def test_the_tables_of_the_platform(supabase_db) -> None:
    with supabase_db.connect() as connection:
        rows = connection.execute(
            "SELECT n.nspname, count(*), bool_and(pg_get_userbyid(c.relowner) LIKE 'supabase%') FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname IN"
            " ('auth', 'storage') GROUP BY 1 ORDER BY 1"
        ).fetchall()
        columns = connection.execute(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'auth.users'::regclass AND attnum > 0"
        ).fetchone()
        rls = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace IN ('auth'::regnamespace, 'storage'::regnamespace)"
            " AND relkind = 'r' AND NOT relrowsecurity ORDER BY 1"
        ).fetchall()
        extensions = connection.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
    assert rows == [("auth", 27, True), ("storage", 8, True)]
    assert columns == (35,)
    assert [name for (name,) in rls] == [
        "custom_oauth_providers",
        "mfa_recovery_code_sets",
        "mfa_recovery_codes",
        "oauth_authorizations",
        "oauth_client_states",
        "oauth_clients",
        "oauth_consents",
        "scim_tokens",
        "scim_users",
        "webauthn_challenges",
        "webauthn_credentials",
    ]
    assert {"pgcrypto", "uuid-ossp", "pg_stat_statements", "supabase_vault"} <= {
        name for (name,) in extensions
    }


@pytest.mark.parametrize(
    "setting",
    [
        {"request.jwt.claims": '{"sub": "%s", "role": "authenticated", "email": "a@example.org"}'},
        {
            "request.jwt.claim.sub": "%s",
            "request.jwt.claim.role": "authenticated",
            "request.jwt.claim.email": "a@example.org",
        },
    ],
    ids=["claims in one", "claims one by one"],
)
def test_who_is_asking(supabase_db, setting) -> None:
    user = uuid.uuid4()
    with supabase_db.connect() as connection, connection.transaction():
        for name, value in setting.items():
            connection.execute("SELECT set_config(%s, %s, true)", (name, value.replace("%s", str(user))))
        assert connection.execute("SELECT auth.uid(), auth.role(), auth.email()").fetchone() == (
            user,
            "authenticated",
            "a@example.org",
        )


def test_nobody_is_asking(supabase_db) -> None:
    with supabase_db.connect() as connection:
        row = connection.execute("SELECT auth.uid(), auth.role(), auth.email(), auth.jwt()").fetchone()
        assert row == (None, None, None, None)
        connection.execute("SELECT set_config('request.jwt.claims', '', false)")
        assert connection.execute("SELECT auth.uid(), auth.jwt()").fetchone() == (None, None)


def test_one_email_once_unless_by_single_sign_on(supabase_db) -> None:
    insert = "INSERT INTO auth.users (id, email, is_sso_user) VALUES (gen_random_uuid(), 'a@example.org', %s)"
    with supabase_db.connect() as connection:
        connection.execute(insert, (False,))
        connection.execute(insert, (True,))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(insert, (False,))
        row = connection.execute("SELECT confirmed_at, is_anonymous FROM auth.users LIMIT 1").fetchone()
    assert row == (None, False)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("storage.foldername('a/b/c.png')", ["a", "b"]),
        ("storage.filename('a/b/c.png')", "c.png"),
        ("storage.extension('a/b/c.tar.gz')", "gz"),
        ("storage.foldername('c.png')", []),
        ("storage.get_common_prefix('a/b/c.png', 'a/', '/')", "a/b/"),
        ("storage.get_common_prefix('a/c.png', 'a/', '/')", None),
    ],
)
def test_names_of_objects(supabase_db, expression, expected) -> None:
    with supabase_db.connect() as connection:
        assert connection.execute(f"SELECT {expression}").fetchone() == (expected,)


def test_objects_are_listed_by_folder(supabase_db) -> None:
    names = ["a/1.txt", "a/2.txt", "a/deep/3.txt", "b.txt", "c/4.txt"]
    with supabase_db.connect() as connection:
        connection.execute("INSERT INTO storage.buckets (id, name) VALUES ('x', 'x')")
        for name in names:
            connection.execute("INSERT INTO storage.objects (bucket_id, name) VALUES ('x', %s)", (name,))

        def names_of(sql: str):
            return [row[0] for row in connection.execute(sql).fetchall()]

        listed = "SELECT name FROM storage.list_objects_with_delimiter('x', %s, '/')"
        assert names_of(listed.replace("%s", "''")) == ["a/", "b.txt", "c/"]
        assert names_of(listed.replace("%s", "'a/'")) == ["a/1.txt", "a/2.txt", "a/deep/"]
        assert names_of("SELECT name FROM storage.search('', 'x')") == ["a", "b.txt", "c"]
        assert names_of("SELECT name FROM storage.search('a/', 'x', 100, 2)") == ["1.txt", "2.txt", "deep"]
        assert names_of("SELECT key FROM storage.search_v2('a/', 'x', 2, 2)") == ["1.txt", "2.txt"]
        assert names_of("SELECT key FROM storage.search_v2('a/', 'x', 9, 2, 'a/2.txt')") == ["deep"]
        assert names_of("SELECT name FROM storage.search_v2('', 'x', 9, 1, '', 'desc')") == [
            "c/",
            "b.txt",
            "a/",
        ]
        assert len(names_of("SELECT key FROM storage.search_v2('', 'x', 9, 1, '', 'asc', 'created_at')")) == 3


def test_versions_of_an_object_are_listed_newest_first_and_page_by_page(supabase_db) -> None:
    moments = ("NULL", "'2026-01-02'", "'2026-01-01'")
    listed = (
        "SELECT version, archived_at FROM storage.list_objects_with_delimiter("
        "'x', '', '/', 2, '', %s, 'asc', 'include', 'include', %s, %s)"
    )
    with supabase_db.connect() as connection:
        connection.execute("INSERT INTO storage.buckets (id, name) VALUES ('x', 'x')")
        for number, moment in enumerate(moments):
            connection.execute(
                "INSERT INTO storage.objects (bucket_id, name, version, archived_at, is_versioned, is_delete_marker)"
                f" VALUES ('x', 'a.txt', %s, {moment}, true, %s)",
                (str(number), number == 1),
            )
        first = connection.execute(listed, ("", None, "")).fetchall()
        second = connection.execute(listed, ("a.txt", first[-1][1], first[-1][0])).fetchall()
        current = connection.execute("SELECT version FROM storage.search('', 'x')").fetchall()
    assert [version for version, _ in first + second] == ["0", "1", "2"]
    assert current == [("0",)]


def test_controls_of_buckets_belong_to_the_service(supabase_db) -> None:
    policy = """'{"rules": [{}]}', lifecycle_configuration_generation = gen_random_uuid()"""
    lifecycle = f"lifecycle_configuration = {policy}"
    with supabase_db.connect() as connection:
        connection.execute("INSERT INTO storage.buckets (id, name) VALUES ('x', 'x')")
        for statement, sqlstate in (
            ("UPDATE storage.buckets SET versioning_status = 'ENABLED'", "23514"),
            (f"UPDATE storage.buckets SET {lifecycle}", "PST01"),
            ("UPDATE storage.buckets SET lifecycle_configuration = '{}'", "22023"),
        ):
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(statement)
            assert caught.value.sqlstate == sqlstate
        connection.execute("SET ROLE service_role")
        connection.execute(f"UPDATE storage.buckets SET {lifecycle}")


def test_a_test_insert_leaves_nothing(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute("INSERT INTO storage.buckets (id, name) VALUES ('x', 'x')")
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT storage.can_insert_object('x', 'a.txt', NULL, '{}')")
        assert caught.value.sqlstate == "PT200"
        assert connection.execute("SELECT count(*) FROM storage.objects").fetchone() == (0,)


def test_a_broadcast_is_stored_with_its_topic(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute("SELECT realtime.send('{\"a\": 1}', 'event', 'room', true)")
        row = connection.execute("SELECT topic, event, private, extension FROM realtime.messages").fetchone()
    assert row == ("room", "event", True, "broadcast")


def test_the_api_hears_of_schema_changes(supabase_db) -> None:
    with supabase_db.connect() as listener, supabase_db.connect() as connection:
        listener.execute("LISTEN pgrst")
        connection.execute("CREATE TABLE t (id int)")
        connection.execute("DROP TABLE t")
        heard = [notice.payload for notice in listener.notifies(timeout=2, stop_after=2)]
    assert heard == ["reload schema", "reload schema"]


def test_an_extension_belongs_to_the_platform(supabase_db) -> None:
    with supabase_db.connect() as connection:
        connection.execute("CREATE EXTENSION hstore WITH SCHEMA extensions")
        row = connection.execute(
            "SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'hstore'"
        ).fetchone()
        assert row == ("supabase_admin",)
        connection.execute("DROP EXTENSION hstore")
    with supabase_db.connect_admin() as admin:
        stale = admin.execute(
            "SELECT count(*) FROM pg_shdepend WHERE classid = 'pg_extension'::regclass AND dbid ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
    assert stale == (0,)


def test_nothing_that_the_platform_left_half_done_is_a_complaint(supabase_db) -> None:
    found = (
        "SELECT count(*) FROM pg_constraint WHERE NOT convalidated AND conname = 'messages_payload_exclusive'"
    )
    with supabase_db.connect() as connection:
        assert connection.execute(found).fetchone() == (1,)
        assert connection.execute(read_query("lockgate.workflow", "leftovers")).fetchall() == []
        assert (
            connection.execute(read_query("lockgate.verify.checks", "unvalidated_constraints")).fetchall()
            == []
        )


def test_graphql_says_that_it_is_off(supabase_db) -> None:
    with supabase_db.connect() as connection:
        (answer,) = connection.execute("SELECT graphql_public.graphql(query := '{ x }')").fetchone()
    assert "not enabled" in json.dumps(answer)
