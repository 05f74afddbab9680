"""``names convert`` and the histories: what the CLI wrote under one spelling is found again under the other."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.workflow import respelling

pytestmark = pytest.mark.server

AS_GUIDE = {("20250115", "093000_create_a"), ("20250116", "100000_create_b")}
AS_SUPABASE = {("20250115093000", "create_a"), ("20250116100000", "create_b")}


@pytest.fixture
def place(tmp_path: Path, supabase_db: Database) -> Sandbox:
    """A project in the guide's spelling whose files the Supabase CLI has pushed."""
    made = sandbox(tmp_path, supabase_db.url, platform="supabase")
    made.write("20250115093000", "create_a", "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    made.write("20250116100000", "create_b", "CREATE TABLE b (id int PRIMARY KEY);")
    supabase_db.execute(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);"
        "CREATE SCHEMA supabase_migrations;"
        "CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);"
        "INSERT INTO supabase_migrations.schema_migrations VALUES"
        " ('20250115', '{CREATE TABLE a (id int PRIMARY KEY)}', '093000_create_a'),"
        " ('20250116', '{CREATE TABLE b (id int PRIMARY KEY)}', '100000_create_b')"
    )
    return made


def history(database: Database) -> set[tuple[str, str]]:
    with database.connect() as connection:
        return set(
            connection.execute("SELECT version, name FROM supabase_migrations.schema_migrations").fetchall()
        )


def files(place: Sandbox) -> list[str]:
    return sorted(path.name for path in (place.folder / "migrations").iterdir())


def test_files_and_history_go_there_and_back(place: Sandbox, supabase_db: Database) -> None:
    shown = place.lockgate("names", "convert", "--to", "supabase", "--json")
    document = json.loads(shown.stdout)
    assert document["histories"][0]["rows"][0] == {
        "version": "20250115",
        "new": "20250115093000",
        "name": "create_a",
    }
    assert history(supabase_db) == AS_GUIDE
    written = place.lockgate("names", "convert", "--to", "supabase", "--write")
    assert written.exit_code == 0, written.output
    assert files(place) == ["20250115093000_create_a.sql", "20250116100000_create_b.sql"]
    assert history(supabase_db) == AS_SUPABASE
    assert place.json("status")["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}
    back = place.lockgate("names", "convert", "--to", "guide", "--write")
    assert back.exit_code == 0, back.output
    assert history(supabase_db) == AS_GUIDE
    assert place.json("status")["summary"]["applied"] == 2


def test_a_conversion_that_was_stopped_is_finished_by_the_same_command(
    place: Sandbox, supabase_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(respelling, "repair", stop)
        assert place.lockgate("names", "convert", "--to", "supabase", "--write").exit_code == 130
    assert files(place)[0] == "20250115093000_create_a.sql"
    assert history(supabase_db) == AS_GUIDE
    assert "names convert --to supabase" in place.to_target("doctor").output
    again = place.lockgate("names", "convert", "--to", "supabase", "--write")
    assert again.exit_code == 0, again.output
    assert history(supabase_db) == AS_SUPABASE
    assert "spelling already" in place.lockgate("names", "convert", "--to", "supabase", "--write").output


def test_the_journal_follows(place: Sandbox, supabase_db: Database) -> None:
    place.write("20250117110000", "create_c", "CREATE TABLE c (id int PRIMARY KEY);")
    assert place.to_target("apply").exit_code == 0
    assert place.lockgate("names", "convert", "--to", "supabase", "--write").exit_code == 0
    with psycopg.connect(supabase_db.url) as connection:
        (file,) = connection.execute("SELECT file FROM lockgate.migration WHERE name = 'create_c'").fetchone()
    assert file == "migrations/20250117110000_create_c.sql"
    assert "Nothing is wrong" in place.to_target("doctor").output


def test_two_files_of_a_day_keep_their_digits_in_the_history(place: Sandbox, supabase_db: Database) -> None:
    assert place.lockgate("names", "convert", "--to", "supabase", "--write").exit_code == 0
    (place.folder / "migrations" / "20250115120000_create_c.sql").write_text("SELECT 1;")
    assert place.lockgate("names", "convert", "--to", "guide", "--write").exit_code == 0
    assert history(supabase_db) == {("20250115093000", "create_a"), ("20250116", "100000_create_b")}
    assert place.json("status")["summary"] == {"applied": 2, "pending": 1, "unfinished": 0, "problems": 1}


def test_an_environment_that_cannot_be_reached_stops_it_before_the_files(place: Sandbox) -> None:
    before = files(place)
    refused = place.lockgate(
        "names", "convert", "--to", "supabase", "--write", "--in", "postgresql://127.0.0.1:1/x"
    )
    assert refused.exit_code != 0
    assert files(place) == before
    alone = place.lockgate("names", "convert", "--to", "supabase", "--write", "--files-only")
    assert alone.exit_code == 0, alone.output
    assert "its history must follow" in alone.output
