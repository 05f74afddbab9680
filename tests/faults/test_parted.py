"""Server, schema and journal that were parted from each other: seen by the next command, never continued blindly."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.journal import witness

FIRST, SECOND, THIRD = "20250101090000", "20250102090000", "20250103090000"


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    """A target with two migrations and a journal of two runs."""
    made = sandbox(tmp_path, pg.url)
    made.write(FIRST, "create_a", "CREATE TABLE IF NOT EXISTS a (n int);\n", "DROP TABLE a;\n")
    assert made.to_target("apply").exit_code == 0
    made.write(SECOND, "fill_a", "INSERT INTO a VALUES (1);\nALTER TABLE a ADD m int;\n", "SELECT 1;\n")
    assert made.to_target("apply").exit_code == 0
    return made


def rows(pg: Database) -> int:
    with pg.connect() as connection:
        row = connection.execute("SELECT count(*) FROM a").fetchone()
    assert row is not None
    return int(row[0])


def refused(place: Sandbox, *texts: str) -> str:
    """Every command that goes by the journal stops, again and again, and the next steps are said."""
    output = ""
    for words in ("apply", "apply", "status", "doctor --json", "apply --dry-run"):
        result = place.to_target(*words.split())
        assert result.exit_code == 5, (words, result.output)
        output = " ".join(result.output.split())
        for text in texts:
            assert text in output, (words, output)
        assert "Traceback" not in output
    return output


def goes_on(place: Sandbox, *texts: str) -> None:
    result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    for text in texts:
        assert text in " ".join(result.output.split())


def test_a_lost_journal_is_refused_and_a_baseline_takes_the_schema_over(place: Sandbox, pg: Database) -> None:
    pg.execute("DROP SCHEMA lockgate CASCADE")
    refused(place, "The journal of", "was lost", f"the newest {SECOND}", f"lockgate baseline {SECOND}")
    assert rows(pg) == 1
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regnamespace('lockgate')").fetchone() == (None,)
    assert place.to_target("baseline", SECOND).exit_code == 0
    place.write(THIRD, "create_b", "CREATE TABLE b (n int);\n")
    goes_on(place)
    assert rows(pg) == 1


def test_a_journal_that_was_lost_with_the_schema_begins_anew(place: Sandbox, pg: Database) -> None:
    pg.execute("DROP SCHEMA lockgate CASCADE; DROP TABLE a")
    goes_on(place, "was lost", "nothing of what the others made is there")
    assert rows(pg) == 1
    assert place.to_target("status").exit_code == 0


@contextlib.contextmanager
def restored(pg: Database, *schemas: str) -> Iterator[None]:
    """What happens inside the block is undone behind it in some schemas, as by a partial restore of a dump."""
    program = pg.installation.bin_dir / "pg_dump"
    if not program.exists():
        pytest.skip("this installation has no pg_dump")
    command = [str(program), pg.url, "--clean", *(f"--schema={schema}" for schema in schemas)]
    dump = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    yield
    for schema in schemas:
        pg.execute(f"DROP SCHEMA {schema} CASCADE")
    load = [str(pg.installation.bin_dir / "psql"), "-q", pg.url]
    assert subprocess.run(load, input=dump, capture_output=True, check=False, text=True).returncode == 0


def test_a_journal_from_an_older_dump_is_refused(place: Sandbox, pg: Database) -> None:
    place.write(THIRD, "fill_more", "INSERT INTO a VALUES (2);\nCREATE INDEX a_n ON a (n);\n", "SELECT 1;\n")
    with restored(pg, "lockgate"):
        goes_on(place)
    refused(place, "is older than the database", "left 3 applied", "now knows 2", "relation a_n")
    assert rows(pg) == 2
    assert place.to_target("repair", THIRD, "--applied").exit_code == 0
    goes_on(place, "up to date")
    assert rows(pg) == 2


def test_a_schema_from_an_older_dump_is_refused(place: Sandbox, pg: Database) -> None:
    place.write(THIRD, "create_b", "CREATE TABLE b (n int);\nCREATE INDEX b_n ON b (n);\n", "DROP TABLE b;\n")
    with restored(pg, "public"):
        goes_on(place)
    place.write("20250104090000", "fill_a", "INSERT INTO a VALUES (2);\n")
    refused(place, "is older than its journal", THIRD, "relation b", f"lockgate repair {THIRD} --reverted")
    assert place.to_target("rollback", "to", SECOND).exit_code == 5
    assert place.to_target("gate", "list").exit_code == 0
    refused(place, "is older than its journal")
    assert place.to_target("repair", THIRD, "--reverted").exit_code == 0
    goes_on(place)
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('b_n') IS NOT NULL").fetchone() == (True,)
    assert rows(pg) == 2


def test_a_database_that_was_emptied_beside_its_journal_is_refused(place: Sandbox, pg: Database) -> None:
    pg.execute("DROP TABLE a")
    refused(place, "is older than its journal", "nothing of the newest 2 migrations")


def test_a_baseline_accepts_a_schema_as_it_is(place: Sandbox, pg: Database) -> None:
    pg.execute("ALTER TABLE a DROP m")
    refused(place, "is older than its journal", "column a.m")
    assert place.to_target("baseline", SECOND).exit_code == 0
    goes_on(place, "up to date")


BY_HAND = (
    "CREATE TABLE by_hand (n int)",
    "ALTER TABLE a ADD by_hand int, ALTER n TYPE bigint",
    "DROP INDEX a_n",
    "ALTER TABLE a DROP CONSTRAINT a_check",
    "DROP VIEW v",
)


def test_what_is_changed_by_hand_stops_nothing(place: Sandbox, pg: Database) -> None:
    place.write(
        THIRD,
        "add_things",
        "CREATE INDEX a_n ON a (n);\nALTER TABLE a ADD CONSTRAINT a_check CHECK (n > 0);\n"
        "CREATE VIEW v AS SELECT 1;\n",
    )
    goes_on(place)
    for sql in BY_HAND:
        pg.execute(sql)
        assert place.to_target("status").exit_code == 0
    place.write("20250104090000", "create_c", "CREATE TABLE c (n int);\n")
    goes_on(place)


def test_a_copy_on_another_server_is_told_and_goes_on(place: Sandbox, pg: Database) -> None:
    pg.execute("UPDATE lockgate.run SET system_identifier = '1'")
    goes_on(place, "another server than at the last run")
    assert "another server" not in place.to_target("apply").output


def test_a_number_that_a_stranger_has_is_left_to_him(place: Sandbox, pg: Database) -> None:
    pg.execute(f"SELECT lo_unlink({witness.NOTE}); SELECT lo_from_bytea({witness.NOTE}, 'a picture')")
    goes_on(place, "up to date")
    with pg.connect() as connection:
        assert connection.execute("SELECT lo_get(%s) = 'a picture'", [witness.NOTE]).fetchone() == (True,)
    pg.execute("DROP SCHEMA lockgate CASCADE")
    place.write("20240101000000", "first", "CREATE TABLE a (n int);\n")
    assert "ahead of the history" in place.to_target("apply").output


def test_a_supabase_project_keeps_its_history_when_the_journal_is_lost(
    tmp_path: Path, supabase_db: Database
) -> None:
    place = sandbox(tmp_path, supabase_db.url, "supabase")
    place.write(FIRST, "create_a", "CREATE TABLE a (n int);\n", "DROP TABLE a;\n")
    goes_on(place)
    with psycopg.connect(supabase_db.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA lockgate CASCADE")
    place.write(SECOND, "create_b", "CREATE TABLE b (n int);\n", "DROP TABLE b;\n")
    goes_on(place, "was lost", "the history is whole")
    with psycopg.connect(supabase_db.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA supabase_migrations CASCADE")
    refused(place, "The history of", "is empty", f"lockgate baseline {SECOND}")
    assert place.to_target("baseline", SECOND).exit_code == 0
    goes_on(place, "up to date")
