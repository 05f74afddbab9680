from __future__ import annotations

from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    return sandbox(tmp_path, pg.url)


def test_a_healthy_project_has_nothing_to_complain_about(place: Sandbox) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    assert place.to_target("apply").exit_code == 0
    healthy = place.to_target("doctor")
    assert healthy.exit_code == 0, healthy.output
    assert "Nothing is wrong" in healthy.output


def test_what_half_done_work_leaves_is_found(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        connection.execute("INSERT INTO a VALUES (1), (1)")
        connection.execute("ALTER TABLE a ADD CONSTRAINT positive CHECK (id > 1) NOT VALID")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)")
    found = place.json("doctor")
    assert found["_exit"] == 5
    assert sorted(c["what"] for c in found["complaints"]) == [
        "constraint that is not validated 'positive' on a",
        "invalid index 'a_id' on a",
    ]


def test_files_that_no_runner_could_carry_through_are_found(place: Sandbox) -> None:
    place.write("20250101090000", "create_a", "BEGIN;\nCREATE TABLE a (id int);\n")
    place.write("20250102090000", "create_b", "-- lockgate: backfil\nCREATE TABLE b (id int);\n")
    found = place.lockgate("doctor", "--files-only", "--json")
    assert found.exit_code == 5
    assert "BEGIN has no COMMIT" in found.output
    assert "did you mean backfill" in found.output


def test_two_files_of_a_day_are_named_for_the_supabase_cli(tmp_path: Path, supabase_db: Database) -> None:
    place = sandbox(tmp_path, supabase_db.url, platform="supabase")
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    place.write("20250101100000", "create_b", "CREATE TABLE b (id int);")
    found = place.lockgate("doctor", "--files-only")
    assert "one version" in found.output
    assert "names convert" in found.output
