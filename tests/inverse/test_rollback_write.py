"""``lockgate rollback write`` from the command line, and the way there and back on a target with rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate import config
from lockgate.migration.files import discover
from lockgate.workflow.rollback_writing import path_of

FIRST = """
    CREATE TABLE public.people (id int PRIMARY KEY, name text NOT NULL, note text);
    INSERT INTO public.people VALUES (1, 'a', 'x'), (2, 'b', NULL);
"""


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    made = sandbox(tmp_path, pg.url)
    made.write("20250101090000", "create_people", FIRST)
    return made


def rollback_of(place: Sandbox, version: str) -> str:
    (path,) = (place.folder / "rollbacks").glob(f"{version[:8]}*{version[8:]}*")
    return path.read_text()


def people(pg: Database) -> list[tuple[object, ...]]:
    with pg.connect() as connection:
        return connection.execute("SELECT id, name, note FROM public.people ORDER BY id").fetchall()


def test_every_migration_without_a_rollback_gets_one(place: Sandbox) -> None:
    place.write("20250102090000", "add_age", "ALTER TABLE public.people ADD COLUMN age int;")
    place.write("20250103090000", "by_hand", "CREATE TABLE public.x ();", "DROP TABLE public.x;")
    result = place.lockgate("rollback", "write")
    assert result.exit_code == 0, result.output
    assert "by_hand" not in result.output
    assert "ALTER TABLE public.people DROP COLUMN age;" in rollback_of(place, "20250102090000")
    assert "DROP TABLE public.people;" in rollback_of(place, "20250101090000")
    again = place.lockgate("rollback", "write")
    assert "Every migration has a rollback" in again.output


def test_a_rollback_that_is_there_stays_unless_forced(place: Sandbox) -> None:
    place.write("20250102090000", "by_hand", "CREATE TABLE public.x ();", "DROP TABLE IF EXISTS public.x;")
    refused = place.lockgate("rollback", "write", "20250102090000")
    assert refused.exit_code == 2
    assert "has a rollback already" in refused.output
    assert "IF EXISTS" in rollback_of(place, "20250102090000")
    forced = place.lockgate("rollback", "write", "20250102090000", "--force")
    assert forced.exit_code == 0, forced.output
    assert "IF EXISTS" not in rollback_of(place, "20250102090000")


def test_dropped_values_come_back_on_a_target(place: Sandbox, pg: Database) -> None:
    place.write(
        "20250102090000",
        "simplify",
        """
        UPDATE public.people SET note = 'changed';
        ALTER TABLE public.people DROP COLUMN name;
        DO $$ BEGIN EXECUTE format('DELETE FROM %I.people WHERE id = 2', 'public'); END $$;
        INSERT INTO public.people VALUES (3, 'new');
        """,
    )
    assert place.lockgate("rollback", "write").exit_code == 0
    assert place.to_target("apply", "--until", "20250101090000").exit_code == 0
    before = people(pg)
    applied = place.to_target("apply")
    assert applied.exit_code == 0, applied.output
    with pg.connect() as connection:
        kept = connection.execute(
            "SELECT c.relname, c.relrowsecurity, obj_description(c.oid) FROM pg_class c"
            " WHERE relnamespace = 'lockgate'::regnamespace AND relname LIKE 'kept%' ORDER BY 1"
        ).fetchall()
    assert len(kept) == 5
    assert all(secured for _, secured, _ in kept)
    assert all("it may go after 20" in comment for _, _, comment in kept)

    told = place.json("rollback", "to", "20250101090000", "--dry-run")
    assert [plan["version"] for plan in told["plans"]] == ["20250102090000"]
    back = place.to_target("rollback", "to", "20250101090000")
    assert back.exit_code == 0, back.output
    assert people(pg) == before
    with pg.connect() as connection:
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%'").fetchone()
    assert left == (0,)


def test_without_what_was_kept_the_rollback_refuses_and_changes_nothing(place: Sandbox, pg: Database) -> None:
    place.write("20250102090000", "drop_note", "ALTER TABLE public.people DROP COLUMN note;")
    assert place.lockgate("rollback", "write").exit_code == 0
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        connection.execute("DROP TABLE lockgate.kept_20250102090000_1_1")
    back = place.to_target("rollback", "to", "20250101090000")
    assert back.exit_code == 1
    assert "was not kept" in back.output


def test_more_than_the_limit_stops_the_migration(place: Sandbox, pg: Database) -> None:
    place.write("20250102090000", "drop_note", "ALTER TABLE public.people DROP COLUMN note;")
    assert place.lockgate("rollback", "write", "--keep-limit", "1MB").exit_code == 0
    assert place.to_target("apply", "--until", "20250101090000").exit_code == 0
    with pg.connect() as connection:
        connection.execute(
            "INSERT INTO people SELECT n, repeat('x', 100), repeat('y', 100) FROM generate_series(10, 9000) n"
        )
    told = " ".join(place.to_target("explain", "20250102090000", "--no-calibration").output.split())
    assert "keeps the values of public.people.note, of" in told
    assert "stops above 1 MB; may go 30 days after" in told
    stopped = place.to_target("apply")
    assert stopped.exit_code == 1
    assert "takes more than 1 MB" in stopped.output
    assert len(people(pg)) > 8000


def test_what_cannot_come_back_is_declared(place: Sandbox) -> None:
    place.write("20250102090000", "shell", "ALTER SYSTEM SET work_mem = '8MB';")
    place.write(
        "20250103090000", "unknowable", "DO $$ BEGIN EXECUTE 'DELETE FROM ' || to_regclass('people'); END $$;"
    )
    result = place.lockgate("rollback", "write")
    assert "irreversible" in result.output
    text = rollback_of(place, "20250103090000")
    assert "-- lockgate: irreversible a DO block puts together at run time" in text
    assert "lockgate backup restore" in text
    refused = place.to_target("rollback", "to", "0")
    assert "Traceback" not in refused.output


def test_a_migration_that_does_not_apply_is_told_with_its_line(place: Sandbox) -> None:
    place.write("20250102090000", "broken", "SELECT 1;\nALTER TABLE public.nowhere ADD COLUMN a int;")
    place.write("20250103090000", "fine", "CREATE TABLE public.fine (id int);")
    result = place.lockgate("rollback", "write")
    assert result.exit_code == 6
    assert "line 2" in result.output
    assert "DROP TABLE public.fine;" in rollback_of(place, "20250103090000")


def test_the_machine_form(place: Sandbox) -> None:
    place.write("20250102090000", "drop_note", "ALTER TABLE public.people DROP COLUMN note;")
    import json

    result = place.lockgate("rollback", "write", "20250102090000", "--dry-run", "--json")
    document = json.loads(result.stdout)
    (one,) = document["written"]
    assert one["rollback"] == "exact"
    assert one["keeps"] == ["the values of public.people.note"]
    assert not list((place.folder / "rollbacks").glob("*")) if (place.folder / "rollbacks").exists() else True


def test_indexes_made_concurrently_are_dropped_concurrently(place: Sandbox, pg: Database) -> None:
    place.write(
        "20250102090000", "index_names", "CREATE INDEX CONCURRENTLY people_name ON public.people (name);"
    )
    assert place.lockgate("rollback", "write").exit_code == 0
    text = rollback_of(place, "20250102090000")
    assert "DROP INDEX CONCURRENTLY public.people_name;" in text
    assert "-- lockgate: no-transaction" in text
    assert place.to_target("apply").exit_code == 0
    back = place.to_target("rollback", "to", "20250101090000")
    assert back.exit_code == 0, back.output


def test_an_edited_migration_is_not_applied_with_the_old_rollback(place: Sandbox) -> None:
    place.write("20250102090000", "drop_note", "ALTER TABLE public.people DROP COLUMN note;")
    assert place.lockgate("rollback", "write").exit_code == 0
    place.write("20250102090000", "drop_note", "ALTER TABLE public.people DROP COLUMN name;")
    refused = place.to_target("apply")
    assert refused.exit_code == 2
    assert "derived from another statement" in refused.output


@pytest.mark.parametrize(
    ("layout", "files"),
    [
        ("flyway", ("V1__create_a.sql", "V1.1__drop_b.sql")),
        ("diesel", ("2024-01-01-000000_create_a/up.sql", "2024-01-02-000000_drop_b/up.sql")),
        ("golang-migrate", ("000001_create_a.up.sql", "000002_drop_b.up.sql")),
        ("prisma", ("20240101000000_create_a/migration.sql", "20240102000000_drop_b/migration.sql")),
    ],
)
def test_a_rollback_is_found_again_in_every_layout(
    tmp_path: Path, layout: str, files: tuple[str, str]
) -> None:
    """Where the file goes is the writer's to know: the next command must find it there."""
    settings = f'[project]\nplatform = "postgres"\nlayout = "{layout}"\nmigrations = "migrations"\n'
    (tmp_path / "lockgate.toml").write_text(settings)
    for name, sql in zip(
        files, ("CREATE TABLE a (id int, b text);", "ALTER TABLE a DROP COLUMN b;"), strict=True
    ):
        path = tmp_path / "migrations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sql)
    project = discover(config.load(tmp_path))
    for migration in project.migrations:
        path = path_of(project, migration)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("SELECT 1;")
    found = discover(config.load(tmp_path)).migrations
    assert [one.back.path if one.back else None for one in found] == [path_of(project, one) for one in found]
    assert all(one.back for one in found)
