"""Versions on a Supabase-like database: the API's roles, row-level security, and composed search paths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.errors import ExitCode

SCHEMA = """\
CREATE TABLE public.notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner uuid NOT NULL DEFAULT auth.uid(), slug text UNIQUE,
  title text NOT NULL DEFAULT 'untitled', shout text GENERATED ALWAYS AS (upper(title)) STORED
);
COMMENT ON TABLE public.notes IS 'What people write down';
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.notes TO authenticated
  USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
CREATE FUNCTION public.mine() RETURNS SETOF public.notes LANGUAGE sql STABLE SET search_path = ''
  AS 'SELECT * FROM public.notes';
REVOKE DELETE ON public.notes FROM anon;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;
"""
RIGHTS = (
    (
        "SELECT r.rolname, p, has_table_privilege(r.oid, '{0}.notes', p), has_schema_privilege(r.oid, '{0}', 'USAGE')"
        " FROM pg_roles r CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
        " WHERE r.rolname IN ('anon', 'authenticated', 'service_role', 'authenticator', 'pg_monitor') ORDER BY 1, 2"
    ),
    "SELECT obj_description('{0}.notes'::regclass, 'pg_class')",
)
COMPOSED = ('"{}", "public", "extensions"', '"{}"', '"$user", {}, public')
"""What PostgREST sends, one schema alone, and what a role may be set to."""

ALICE, BOB = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"


def check_rights(pg: Database) -> None:
    """Every role may do with each version what it may do with the table, and the views run with its rights."""
    with pg.connect() as connection:
        for query in RIGHTS:
            found = [
                connection.execute(query.format(schema)).fetchall()  # type: ignore[call-overload]
                for schema in ("public", "public_v1", "public_v2")
            ]
            assert found[0] == found[1] == found[2], found
        options = connection.execute(
            "SELECT DISTINCT reloptions FROM pg_class WHERE relname = 'notes' AND relkind = 'v'"
        )
        assert options.fetchall() == [(["security_invoker=true"],)]


def begin(folder: Path, pg: Database) -> tuple[Sandbox, list[str]]:
    """A project whose written plan passes the check; and the versions of its parts."""
    place = sandbox(folder, pg.url, "supabase", "[locks]\nbudget = 1\nlock_timeout = 0.2\npause = 0.05\n")
    config = folder / "lockgate.toml"
    config.write_text(config.read_text().replace("[project]\n", f"[project]\npostgres = {pg.major}\n", 1))
    place.write("20250101090000", "create_notes", SCHEMA, "SELECT 1;")
    assert place.to_target("apply").exit_code == 0
    result = place.lockgate("plan", "rename notes.title to headline", "--versions", "--write")
    assert result.exit_code == 0, result.output
    files = sorted((folder / "migrations").glob("*.sql"))[1:]
    findings = json.loads(place.lockgate("check", "--json").stdout)["findings"]
    names = {f"migrations/{file.name}" for file in files}
    assert not [one for one in findings if one["file"] in names and one["severity"] != "info"], findings
    return place, ["".join(file.name.split("_")[:2]) for file in files]


class Client:
    """One request of the API: a transaction with a role, claims and a search path."""

    def __init__(self, pg: Database, path: str, user: str = "", role: str = "authenticated") -> None:
        self._pg, self._path, self._user, self._role = pg, path, user, role

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, committed."""
        with self._pg.connect() as connection, connection.transaction():
            connection.execute("SELECT set_config('search_path', %s, true)", [self._path])
            claims = json.dumps({"sub": self._user, "role": self._role}) if self._user else ""
            connection.execute("SELECT set_config('request.jwt.claims', %s, true)", [claims])
            connection.execute(f"SET LOCAL ROLE {self._role}")  # type: ignore[call-overload]
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("supabase_db", [15], indirect=True)
def test_roles_and_search_paths_decide_as_they_do_on_the_tables(
    tmp_path: Path, supabase_db: Database
) -> None:
    pg = supabase_db
    place, versions = begin(tmp_path, pg)
    assert place.to_target("apply", "--until", versions[0]).exit_code == 0
    check_rights(pg)
    for number, composed in enumerate(COMPOSED):
        old, new = composed.format("public_v1"), composed.format("public_v2")
        alice, bob = Client(pg, new, ALICE), Client(pg, new, BOB)
        slug = f"s{number}"
        rows = alice.ask(
            f"INSERT INTO notes (slug, headline) VALUES ('{slug}', 'a') RETURNING headline, shout"
        )
        assert rows == [("a", "A")]
        again = Client(pg, old, ALICE).ask(
            f"INSERT INTO notes (slug, title) VALUES ('{slug}', 'b')"
            " ON CONFLICT (slug) DO UPDATE SET title = EXCLUDED.title RETURNING title"
        )
        assert again == [("b",)]
        assert alice.ask(f"SELECT headline, shout FROM notes WHERE slug = '{slug}'") == [("b", "B")]
        assert bob.ask("SELECT * FROM notes") == []
        assert bob.ask(f"UPDATE notes SET headline = 'c' WHERE slug = '{slug}' RETURNING id") == []
        assert Client(pg, new, role="anon").ask("SELECT * FROM notes") == []
        assert alice.ask("INSERT INTO notes DEFAULT VALUES RETURNING headline") == [("untitled",)]
        for refused in (
            "INSERT INTO notes (shout) VALUES ('x')",
            f"INSERT INTO notes (owner) VALUES ('{BOB}')",
            "SELECT title FROM notes",
            "COPY notes FROM STDIN",
            "INSERT INTO notes (slug) VALUES ('x') ON CONFLICT ON CONSTRAINT notes_pkey DO NOTHING",
            "SELECT tableoid FROM notes",
        ):
            with pytest.raises(psycopg.Error):
                alice.ask(refused)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            Client(pg, new, role="anon").ask("DELETE FROM notes")
    assert len(Client(pg, '"public_v2", public', ALICE).ask("SELECT * FROM mine()")) == 2 * len(COMPOSED)


def test_the_old_version_stays_as_long_as_somebody_is_set_to_it_or_uses_it(
    tmp_path: Path, supabase_db: Database
) -> None:
    pg = supabase_db
    place, versions = begin(tmp_path, pg)
    assert place.to_target("apply", "--until", versions[0]).exit_code == 0
    assert place.to_target("gate", "open", versions[1]).exit_code == 0
    with pg.connect_admin() as admin:
        admin.execute(f'ALTER DATABASE {pg.name} SET search_path = "public_v1", public')  # type: ignore[call-overload]
        refused = place.to_target("apply")
        assert refused.exit_code != 0
        assert "public_v1 is still in use: the database has search_path=public_v1, public" in refused.output
        admin.execute(f"ALTER DATABASE {pg.name} RESET search_path")  # type: ignore[call-overload]
    with pg.connect() as reader, reader.transaction():
        reader.execute("SELECT 1 FROM public_v1.notes")
        refused = place.to_target("apply")
        assert refused.exit_code == ExitCode.LOCK_BUDGET
        assert f"held by  pid {reader.info.backend_pid}" in refused.output
    done = place.to_target("apply")
    assert done.exit_code == 0, done.output
    with pg.connect() as connection:
        left = connection.execute(
            "SELECT to_regnamespace('public_v1'), to_regclass('public_v2.notes') IS NOT NULL"
        )
        assert left.fetchone() == (None, True)
