"""``lockgate diff`` from the command line, between files and real databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    made = sandbox(tmp_path, pg.url)
    made.write(
        "20250101090000",
        "create_users",
        "CREATE TABLE public.users (id int PRIMARY KEY, email text NOT NULL);",
    )
    made.write("20250102090000", "index_email", "CREATE INDEX users_email ON public.users (email);")
    assert made.to_target("apply").exit_code == 0
    return made


def document(place: Sandbox, *words: str) -> dict[str, Any]:
    result = place.lockgate("diff", "--to", "target", "--json", *words)
    found: dict[str, Any] = json.loads(result.stdout)
    return found | {"_exit": result.exit_code}


def test_a_target_that_is_as_the_files_say(place: Sandbox) -> None:
    result = place.lockgate("diff", "--to", "target")
    assert result.exit_code == 0, result.output
    assert "target is as files says." in result.output


def test_drift_is_told_in_words_ends_with_5_and_can_be_closed(place: Sandbox, pg: Database) -> None:
    pg.execute(
        "ALTER TABLE users ALTER email DROP NOT NULL, ADD COLUMN note text; DROP INDEX users_email;"
        " CREATE TABLE extra (id int PRIMARY KEY)"
    )
    result = place.lockgate("diff", "--to", "target")
    assert result.exit_code == 5
    lines = [line.strip() for line in result.output.splitlines()]
    assert "column public.users.email: not null yes → no" in lines
    assert "column public.users.note is new" in lines
    assert "index public.users_email is gone" in lines
    assert "table public.extra is new" in lines
    assert not [line for line in lines if "extra_pkey" in line]
    assert "target differs from files: 4 differences." in lines

    sql = place.lockgate("diff", "--to", "target", "--sql")
    assert sql.exit_code == 5
    pg.execute(f"BEGIN; {sql.stdout} COMMIT;")
    assert place.lockgate("diff", "--to", "target").exit_code == 0


def test_the_machine_form(place: Sandbox, pg: Database) -> None:
    pg.execute("ALTER TABLE users ADD COLUMN note text")
    found = document(place)
    assert found["_exit"] == 5
    assert found["equal"] is False
    (item,) = found["differences"]
    assert item["object"] == "column public.users.note"
    assert item["change"] == "added"
    assert found["sql"] == ["ALTER TABLE public.users DROP COLUMN note"]
    assert found["loses_data"] is True


def test_pending_files_are_no_drift_unless_asked_for(place: Sandbox) -> None:
    place.write("20250103090000", "add_note", "ALTER TABLE public.users ADD COLUMN note text;")
    found = document(place)
    assert found["_exit"] == 0
    assert found["pending"] == ["20250103090000"]
    assert document(place, "--pending")["_exit"] == 5


def test_two_levels_of_the_files(place: Sandbox) -> None:
    result = place.lockgate("diff", "--from", "files@20250101090000", "--to", "files")
    assert result.exit_code == 5
    assert "index public.users_email is new" in result.output


def test_two_targets(place: Sandbox, pg: Database) -> None:
    pg.execute("CREATE SCHEMA other")
    result = place.lockgate("diff", "--from", pg.url, "--to", "target")
    assert result.exit_code == 0, result.output


def test_the_order_of_columns_is_told_and_does_not_count(place: Sandbox, pg: Database) -> None:
    pg.execute("DROP TABLE users; CREATE TABLE users (email text NOT NULL, id int PRIMARY KEY)")
    pg.execute("CREATE INDEX users_email ON users (email)")
    result = place.lockgate("diff", "--to", "target")
    assert result.exit_code == 0, result.output
    assert "another order: id, email → email, id" in result.output


def test_one_schema_only(place: Sandbox, pg: Database) -> None:
    pg.execute("CREATE SCHEMA other; CREATE TABLE other.t ()")
    assert place.lockgate("diff", "--to", "target").exit_code == 5
    assert place.lockgate("diff", "--to", "target", "--schema", "public").exit_code == 0


def test_a_migration_that_does_not_apply(place: Sandbox) -> None:
    (place.folder / "migrations" / "20250102_090000_index_email.sql").write_text(
        "CREATE INDEX ON nowhere (a);"
    )
    result = place.lockgate("diff", "--to", "target")
    assert result.exit_code == 1
    assert "does not apply on an empty database" in result.output
    assert "Traceback" not in result.output


def test_a_target_that_nobody_knows(place: Sandbox) -> None:
    result = place.lockgate("diff", "--to", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.output
