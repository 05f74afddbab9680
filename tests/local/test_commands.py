"""The commands as a person and as a program meets them, on a project of two files."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest

from lockgate.local import server

pytestmark = pytest.mark.server


@pytest.fixture
def project(make_place, short_path):
    """A folder with a Supabase project, and a function that runs a command in it."""
    place = make_place("project")
    root = short_path / "project"
    migrations = root / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "20250101000000_create_notes.sql").write_text(
        "CREATE TABLE public.notes (id bigint PRIMARY KEY, body text);\n"
        "ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;\n"
    )
    (root / "supabase" / "seed.sql").write_text("INSERT INTO public.notes VALUES (1, 'a'), (2, 'b');\n")

    # Most of the time of a command would go into compiling it anew where the environment forbids to keep bytecode.
    environment = {
        **os.environ,
        "COLUMNS": "200",
        "PYTHONPYCACHEPREFIX": str(short_path.parent / "lockgate-bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(*arguments: str, code: int = 0):
        done = subprocess.run(
            [sys.executable, "-m", "lockgate", "local", *arguments],
            capture_output=True,
            text=True,
            cwd=root,
            check=False,
            env=environment,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    run.root, run.place, run.migrations = root, place, migrations
    return run


def test_a_day_with_the_local_database(project) -> None:
    assert "not running" in project("status").stdout
    started = project("start").stdout
    assert "started in" in started
    assert "lockgate local reset" in started
    assert "1 migration" not in started
    assert "2 file(s): 0 unchanged, 2 run" in project("reset").stdout
    assert "2 file(s): 2 unchanged, 0 run" in project("reset").stdout
    url = project("url").stdout.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (2,)
        history = connection.execute("SELECT version FROM supabase_migrations.schema_migrations").fetchall()
        assert history == [("20250101000000",)]
    assert project("psql", "-Atc", "SELECT current_user").stdout.strip() == "postgres"
    status = project("status").stdout
    password = server.start(project.place).server.password
    assert password in url
    assert password not in status
    assert "uuid-ossp" in status
    assert project("stop").stdout.strip() == "stopped"
    assert "was not running" in project("stop").stdout


def test_programs_read_documents(project) -> None:
    started = json.loads(project("start", "--json").stdout)
    assert started["created"] is True
    assert started["platform"] == "supabase"
    done = json.loads(project("reset", "--no-seed", "--json").stdout)
    assert (done["reused"], done["applied"]) == (0, 1)
    status = json.loads(project("status", "--json").stdout)
    assert status["running"] is True
    assert {"uuid-ossp", "pg_net"} <= {item["name"] for item in status["substitutes"]}
    assert project("url", "--no-password").stdout.strip() == status["url"]
    assert json.loads(project("url", "--json", "--role", "anon").stdout)["url"].startswith(
        "postgresql://anon:"
    )


def test_a_failing_migration_names_its_file_and_keeps_the_database(project) -> None:
    project("reset")
    bad = project.migrations / "20250102000000_break.sql"
    bad.write_text("ALTER TABLE public.notes ADD COLUMN x int;\nSELECT 1 / 0;\n")
    failed = project("reset", code=1)
    assert "20250102000000_break" in failed.stderr
    assert "Traceback" not in failed.stderr
    with psycopg.connect(project("url").stdout.strip()) as connection:
        row = connection.execute("SELECT count(*) FROM notes").fetchone()
        assert row == (2,)
    bad.write_text("ALTER TABLE public.notes ADD COLUMN x int;\n")
    assert "1 unchanged, 2 run" in project("reset").stdout


def test_a_failing_seed_says_how_to_go_on_without(project) -> None:
    (project.root / "supabase" / "seed.sql").write_text("INSERT INTO nowhere VALUES (1);\n")
    failed = project("reset", code=1)
    assert "seed.sql failed" in failed.stderr
    assert "--no-seed" in failed.stderr
    assert "1 file(s)" in project("reset", "--no-seed").stdout


def test_a_reset_can_stop_on_the_way(project) -> None:
    (project.migrations / "20250102000000_add_x.sql").write_text(
        "ALTER TABLE public.notes ADD COLUMN x int;\n"
    )
    project("reset", "--until", "20250101000000")
    with psycopg.connect(project("url").stdout.strip()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'notes'::regclass AND attnum > 0"
        )
        assert row.fetchone() == (2,)


def test_a_gate_stops_nobody_on_a_fresh_database(project) -> None:
    (project.migrations / "20250102000000_add_x.sql").write_text(
        '-- lockgate: gate "the new application is deployed"\nALTER TABLE public.notes ADD COLUMN x int;\n'
    )
    assert "3 file(s)" in project("reset").stdout


def test_throwing_data_away_needs_a_word(project) -> None:
    project("start")
    refused = project("start", "--fresh", code=8)
    assert "--yes" in refused.stderr
    assert json.loads(project("start", "--fresh", "--yes", "--json").stdout)["created"] is True
    project("stop", "--delete", code=8)
    project("stop", "--delete", "--yes")
    assert not project.place.folder.data.exists()


def test_roles_of_the_project_come_first(project) -> None:
    (project.root / "supabase" / "roles.sql").write_text("CREATE ROLE worker;\n")
    (project.migrations / "20250102000000_grant.sql").write_text("GRANT SELECT ON public.notes TO worker;\n")
    for _ in range(2):
        project("reset")
    assert json.loads(project("reset", "--json").stdout)["files"][0] == "supabase/roles.sql"


def test_the_real_version_follows_the_settings(project) -> None:
    (project.root / "supabase" / "config.toml").write_text("[db]\nmajor_version = 15\n")
    assert json.loads(project("start", "--json").stdout)["version"].startswith("15.")


def test_a_plain_project_has_no_platform(project) -> None:
    (project.root / "lockgate.toml").write_text(
        '[project]\nplatform = "postgres"\nmigrations = "supabase/migrations"\n'
    )
    assert json.loads(project("start", "--json").stdout)["platform"] == "postgres"
    project("reset", "--no-seed")
