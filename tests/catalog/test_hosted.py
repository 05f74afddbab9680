"""Hosted-like databases: ``diff`` sees what the project has on the platform's tables, and nothing that is not there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.sql.parse import parse

pytestmark = pytest.mark.server

PROJECT = """
CREATE SCHEMA app;
CREATE EXTENSION hstore WITH SCHEMA extensions;
CREATE TYPE app.state AS ENUM ('new', 'done');
CREATE DOMAIN app.email AS text CHECK (VALUE ~ '@');
CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, mail app.email, s app.state);
CREATE TABLE app.notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner uuid NOT NULL REFERENCES public.profiles,
  body text, words tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce(body, ''))) STORED
);
COMMENT ON COLUMN app.notes.body IS 'what was written';
CREATE INDEX notes_words ON app.notes USING gin (words);
ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.notes FORCE ROW LEVEL SECURITY;
CREATE POLICY "Own notes" ON app.notes USING ((SELECT auth.uid()) = owner) WITH CHECK (true);
GRANT USAGE ON SCHEMA app TO authenticated;
GRANT SELECT (id, body), UPDATE (body) ON app.notes TO authenticated;
REVOKE ALL ON public.profiles FROM anon;
CREATE VIEW public.mine WITH (security_invoker = on, security_barrier = true) AS SELECT id, body FROM app.notes;
CREATE MATERIALIZED VIEW app.counts AS SELECT owner, count(*) FROM app.notes GROUP BY owner;
CREATE FUNCTION public.greet() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$ BEGIN INSERT INTO public.profiles (id) VALUES (new.id); RETURN new; END $$;
CREATE TRIGGER greet AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.greet();
CREATE POLICY "Avatars are seen" ON storage.objects FOR SELECT TO authenticated USING (bucket_id = 'avatars');
ALTER PUBLICATION supabase_realtime ADD TABLE public.profiles;
CREATE PUBLICATION mine FOR TABLE app.notes (id, body) WHERE (id > 10);
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO authenticated;
"""
BUCKET = "INSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true)"
BLIND_SPOTS = {
    'ALTER POLICY "Own notes" ON app.notes USING (true)': "policy",
    "CREATE POLICY another ON storage.objects FOR INSERT WITH CHECK (true)": "storage.objects",
    "DROP TRIGGER greet ON auth.users": "auth.users",
    "GRANT INSERT ON app.notes TO authenticated": "app.notes",
    "REVOKE UPDATE (body) ON app.notes FROM authenticated": "column app.notes.body",
    "ALTER PUBLICATION supabase_realtime DROP TABLE public.profiles": "supabase_realtime",
    "ALTER VIEW public.mine RESET (security_invoker)": "view public.mine",
    "COMMENT ON COLUMN app.notes.body IS 'changed'": "comment",
    "ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY": "table app.notes",
    "ALTER FUNCTION public.greet() RESET search_path": "public.greet",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE SELECT ON TABLES FROM authenticated": "default privileges",
    "UPDATE storage.buckets SET public = false WHERE id = 'avatars'": "bucket avatars: public true → false",
    "INSERT INTO storage.buckets (id, name) VALUES ('more', 'more')": "bucket more is new",
}


@pytest.fixture
def place(tmp_path: Path, supabase_db: Database) -> Sandbox:
    made = sandbox(tmp_path, supabase_db.url, platform="supabase")
    made.write("20250101090000", "create_all", f"{PROJECT};\n{BUCKET};")
    return made


def compare(place: Sandbox, wanted: str, found: str) -> dict[str, Any]:
    result = place.lockgate("diff", "--from", wanted, "--to", found, "--json")
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_every_blind_spot_of_others_is_seen_and_can_be_closed(place: Sandbox, supabase_db: Database) -> None:
    done = place.to_target("apply")
    assert done.exit_code == 0, done.output
    assert compare(place, "files", "target")["differences"] == []
    supabase_db.execute(";\n".join(BLIND_SPOTS))
    found = compare(place, "files", "target")
    messages = [one["message"] for one in (*found["differences"], *found["buckets"])]
    unseen = [sql for sql, words in BLIND_SPOTS.items() if not any(words in message for message in messages)]
    assert unseen == []
    assert len(messages) <= len(BLIND_SPOTS) + 1, "\n".join(
        messages
    )  # a function's settings are in its definition too
    supabase_db.execute(";\n".join(found["sql"]))
    again = compare(place, "files", "target")
    assert again["differences"] == []
    assert [one["bucket"] for one in again["buckets"]] == ["more"]


@pytest.mark.parametrize("content", ["project", "example"])
def test_a_database_equals_itself_restored(
    place: Sandbox, supabase_db: Database, tmp_path: Path, content: str
) -> None:
    """Dumped by PostgreSQL's own program, and restored with all that the platform has in it."""
    for statement in _statements(PROJECT if content == "project" else _example()):
        supabase_db.execute(statement)
    program = supabase_db.installation.bin_dir / "pg_dump"
    if not os.access(program, os.X_OK):
        pytest.skip("this installation has no pg_dump")
    dump = tmp_path / "dump.sql"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    where = ["-h", str(supabase_db.socket_dir), "-p", str(supabase_db.port), "-U", "supabase_admin"]
    subprocess.run(
        [program, *where, "-d", supabase_db.name, "-f", dump],
        env=environment,
        check=True,
        capture_output=True,
    )
    name = f"{supabase_db.name}_restored"
    with supabase_db.connect_admin() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    try:
        text = "\n".join(
            line for line in dump.read_text().splitlines() if not re.match(r"\\(un)?restrict", line)
        )
        _restore(supabase_db, name, text)
        url = supabase_db.url_as("postgres", name)
        found = compare(place, "target", url)
        assert "\n".join(one["message"] for one in found["differences"]) == ""
        assert found["sql"] == []
        back = compare(place, url, "target")
        assert back["sql"] == []
    finally:
        with supabase_db.connect_admin() as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _example() -> str:
    folder = Path(__file__).parents[2] / "examples" / "valuecanvas" / "supabase" / "migrations"
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.sql")))


def _statements(script: str) -> list[str]:
    """One by one: some may not stand in a transaction. Rows, which storage has, are left out."""
    kept = parse(script).statements
    return [one.sql for one in kept if one.kind not in ("InsertStmt", "TransactionStmt")]


def _restore(database: Database, name: str, text: str) -> None:
    url = database.url_as("supabase_admin", name)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in _without_rows(text):
            connection.execute(statement.encode())


def _without_rows(text: str) -> list[str]:
    """The statements of a plain dump; rows, which come as COPY, are the bucket's alone and do not count here."""
    lines, copying = [], False
    for line in text.splitlines():
        copying = copying or (line.startswith("COPY ") and line.endswith("FROM stdin;"))
        if not copying:
            lines.append(line)
        copying = copying and line != "\\."
    return [one.sql for one in parse("\n".join(lines)).statements]
