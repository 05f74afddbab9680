"""Lockgate and the real Supabase CLI, both majors, agree about what is applied.

Each run tries both of them, a test with one, and with the other one the next day; the nightly run each with both.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.sampling import in_turn
from tests.servers import Database

HERE = Path(__file__).parent
pytestmark = pytest.mark.supabase_cli


def in_turn_with(place: int) -> pytest.MarkDecorator:
    """Parameter ``cli``: the major whose turn it is; tests at neighbouring places have different ones."""
    return pytest.mark.parametrize("cli", in_turn([2, 3], place), indirect=True)


@pytest.fixture
def cli(request: pytest.FixtureRequest) -> list[str]:
    package = HERE / "node_modules" / f"supabase-cli-{request.param}"
    node = shutil.which("node")
    if node is None or not package.is_dir():
        if os.environ.get("LOCKGATE_TEST_REQUIRE_SERVERS") == "1":
            pytest.fail(
                f"the Supabase CLI {request.param} is not installed (npm install --prefix {HERE.name})"
            )
        pytest.skip("the Supabase CLI is not installed")
    manifest = json.loads((package / "package.json").read_text())
    entry = manifest["bin"] if isinstance(manifest["bin"], str) else manifest["bin"]["supabase"]
    return [node, str(package / entry)]


@pytest.fixture
def place(tmp_path: Path, supabase_db: Database) -> Sandbox:
    made = sandbox(tmp_path, supabase_db.url, platform="supabase")
    (tmp_path / "lockgate.toml").write_text(
        '[project]\nplatform = "supabase"\nnaming = "supabase"\n[environments.target]\nurl = "env(TARGET_URL)"\n'
    )
    (tmp_path / "migrations").rmdir()
    (tmp_path / "supabase" / "migrations").mkdir(parents=True)
    (tmp_path / "supabase" / "config.toml").write_text('project_id = "example"\n[db]\nmajor_version = 17\n')
    for version, name, sql in (
        ("20250115093000", "create_a", "create table a (id int primary key);\ninsert into a values (1);\n"),
        ("20250115140000", "create_b", "create table b (id int references a);\n"),
    ):
        (tmp_path / "supabase" / "migrations" / f"{version}_{name}.sql").write_text(sql)
    return made


def run(cli: list[str], place: Sandbox, *words: str) -> str:
    home = place.folder / "home"
    home.mkdir(exist_ok=True)
    result = subprocess.run(
        [*cli, *words, "--db-url", f"{place.url}?sslmode=disable"],
        cwd=place.folder,
        env={**os.environ, "HOME": str(home), "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@in_turn_with(place=1)
def test_the_cli_agrees_with_what_lockgate_applied(
    cli: list[str], place: Sandbox, supabase_db: Database
) -> None:
    assert place.to_target("apply").exit_code == 0
    listed = run(cli, place, "migration", "list")
    for version in ("20250115093000", "20250115140000"):
        assert listed.count(version) >= 2, listed
    assert "up to date" in run(cli, place, "db", "push", "--yes").lower()


@in_turn_with(place=2)
def test_lockgate_agrees_with_what_the_cli_applied(cli: list[str], place: Sandbox) -> None:
    run(cli, place, "db", "push", "--yes")
    status = place.json("status")
    assert status["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}
    assert "up to date" in place.to_target("apply").output


@in_turn_with(place=3)
def test_after_a_rollback_the_cli_would_push_the_migration_again(cli: list[str], place: Sandbox) -> None:
    backwards = place.folder / "supabase" / "rollbacks"
    backwards.mkdir()
    (backwards / "20250115140000_rollback.sql").write_text("drop table b;\n")
    assert place.to_target("apply").exit_code == 0
    undone = place.to_target("rollback", "to", "20250115093000")
    assert undone.exit_code == 0, undone.output
    assert "20250115140000_create_b.sql" in run(cli, place, "db", "push", "--dry-run", "--yes")
    run(cli, place, "db", "push", "--yes")
    assert place.json("status")["summary"]["applied"] == 2


@in_turn_with(place=4)
def test_after_the_names_were_converted_the_cli_finds_its_versions(cli: list[str], place: Sandbox) -> None:
    folder = place.folder / "supabase" / "migrations"
    (folder / "20250115140000_create_b.sql").rename(folder / "20250116140000_create_b.sql")
    for path in folder.glob("*.sql"):
        path.rename(path.with_name(f"{path.name[:8]}_{path.name[8:]}"))
    run(cli, place, "db", "push", "--yes")
    converted = place.lockgate("names", "convert", "--to", "supabase", "--write")
    assert converted.exit_code == 0, converted.output
    assert "up to date" in run(cli, place, "db", "push", "--yes").lower()
    assert place.json("status")["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}
    back = place.lockgate("names", "convert", "--to", "guide", "--write")
    assert back.exit_code == 0, back.output
    assert "up to date" in run(cli, place, "db", "push", "--yes").lower()
