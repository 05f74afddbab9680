"""Every advice on a real server: the hole is found, what it says is safe closes it, and the correct way is quiet."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import ServerSource
from tests.projects import sandbox
from tests.servers import SUPABASE, Database

from lockgate.advise import live
from lockgate.advise.examine import examine
from lockgate.advise.model import Advisor, Result, compare
from lockgate.advise.written import RULES
from lockgate.analysis.options import Options
from lockgate.local.binaries import DEFAULT_MAJOR
from lockgate.types import Severity

pytestmark = pytest.mark.server

CASES = Path(__file__).parent / "cases"
ADVICES = sorted({*RULES, *(advice.id for advice in live.ALL)})
OPTIONS = Options(platform="supabase")


@pytest.fixture(scope="module")
def database(session_servers: ServerSource) -> Any:
    with session_servers(DEFAULT_MAJOR, SUPABASE).database() as made:
        yield made


@pytest.fixture(scope="module")
def holes(database: Database) -> tuple[Result, ...]:
    """What is found in a database with every hole there is."""
    for name in ADVICES:
        _run(database, case(name)["hole"])
    with database.connect() as connection:
        connection.execute("ANALYZE")
        return examine(connection, OPTIONS)


def case(name: str) -> dict[str, str]:
    return tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))


def _run(database: Database, script: str) -> None:
    """Run a script as the project's owner; lines that begin with @superuser as that."""
    mine = "\n".join(line for line in script.splitlines() if not line.startswith("@superuser"))
    database.execute(mine)
    for line in script.splitlines():
        if line.startswith("@superuser"):
            with database.connect_admin() as admin:
                admin.execute(line.removeprefix("@superuser"))


def _found(results: tuple[Result, ...], name: str) -> list[Result]:
    message = case(name)["message"]
    return [one for one in results if one.advice == name and message in one.message]


@pytest.mark.parametrize("name", ADVICES)
def test_the_hole_is_found(name: str, holes: tuple[Result, ...]) -> None:
    assert len(_found(holes, name)) == 1, [str(one.message) for one in holes if one.advice == name]


def test_what_is_called_safe_closes_the_holes(holes: tuple[Result, ...], database: Database) -> None:
    mine = [one for name in ADVICES for one in _found(holes, name) if one.safe]
    assert len(mine) > 15
    with database.connect() as connection:
        for one in mine:
            for statement in one.safe.split(";\n"):
                connection.execute(statement.encode())
        after = examine(connection, OPTIONS)
    comparison = compare(holes, after)
    left = {one.advice for one in mine} - {one.advice for one in comparison.gone}
    assert not left


def test_the_correct_way_is_quiet(supabase_db: Database) -> None:
    supabase_db.execute("CREATE SCHEMA hidden")
    for name in ADVICES:
        _run(supabase_db, case(name).get("correct", "SELECT 1"))
    with supabase_db.connect() as connection:
        assert examine(connection, OPTIONS) == ()


def test_a_fresh_project_has_nothing_to_hear(supabase_db: Database, pg: Database) -> None:
    with supabase_db.connect() as connection:
        assert examine(connection, OPTIONS) == ()
    with pg.connect() as connection:
        connection.execute("CREATE TABLE no_api (id bigint PRIMARY KEY, password text)")
        assert examine(connection, Options()) == ()


def test_a_migration_is_judged_by_what_it_brings(supabase_db: Database, tmp_path: Path) -> None:
    project = sandbox(tmp_path, supabase_db.url, platform="supabase")
    supabase_db.execute("CREATE TABLE before (id bigint PRIMARY KEY)")
    first = project.to_target("advise", "--json")
    assert first.exit_code == 3, first.output
    (tmp_path / "before.json").write_text(first.stdout)
    same = project.to_target("advise", "--against", str(tmp_path / "before.json"))
    assert same.exit_code == 0
    assert "0 new, 0 gone, 1 as before" in same.output
    supabase_db.execute(
        "ALTER TABLE before ENABLE ROW LEVEL SECURITY; CREATE TABLE after (id bigint PRIMARY KEY)"
    )
    changed = project.to_target("advise", "--against", str(tmp_path / "before.json"), "--json")
    document = json.loads(changed.stdout)
    assert changed.exit_code == 3
    assert [one["message"].split()[0] for one in document["new"]] == ["public.after", "No"]
    assert [one["message"].split()[0] for one in document["gone"]] == ["public.before"]


def test_tables_that_differ_by_a_number_are_told_apart(supabase_db: Database) -> None:
    supabase_db.execute("CREATE TABLE t1 (id int PRIMARY KEY); CREATE TABLE t2 (id int PRIMARY KEY);")
    with supabase_db.connect() as connection:
        bare = [one for one in examine(connection, OPTIONS) if one.advice == "rls-disabled-in-public"]
    assert len(bare) == 2


def test_figures_do_not_make_a_new_finding() -> None:
    def result(message: str) -> Result:
        return Result("bloat", Advisor.PERFORMANCE, Severity.INFO, message, "")

    assert result("t1 wastes 1,200 MB").fingerprint == result("t1 wastes 13 MB").fingerprint
    assert result("t1 wastes 13 MB").fingerprint != result("t2 wastes 13 MB").fingerprint


def test_what_is_no_result_is_refused(supabase_db: Database, tmp_path: Path) -> None:
    project = sandbox(tmp_path, supabase_db.url, platform="supabase")
    (tmp_path / "x.json").write_text("[1]")
    refused = project.to_target("advise", "--against", str(tmp_path / "x.json"))
    assert refused.exit_code == 2
    assert "holds no results" in refused.output
    assert project.to_target("advise", "--ignore", "no-such-thing").exit_code == 2
    quiet = project.to_target("advise", "--ignore", "rls-disabled-in-public,fk-missing-index", "--json")
    assert json.loads(quiet.stdout)["results"] == []


def test_a_reader_without_rights_still_gets_answers(supabase_db: Database) -> None:
    supabase_db.execute("CREATE TABLE open (id bigint PRIMARY KEY)")
    with psycopg.connect(supabase_db.url_as("supabase_read_only_user"), autocommit=True) as connection:
        assert "rls-disabled-in-public" in {one.advice for one in examine(connection, OPTIONS)}
