"""``init``: finds out what a project is, writes what is missing, overwrites nothing."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.migration.test_layouts import TREES
from tests.migration.trees import found, plant

from lockgate import config
from lockgate.cli.frame import root as lockgate


def init(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(lockgate, ["init", *words, "--project", str(folder)])


def settings(folder: Path) -> dict:
    return tomllib.loads((folder / "lockgate.toml").read_text())


def test_an_empty_folder_becomes_a_plain_project(tmp_path: Path):
    result = init(tmp_path)
    assert result.exit_code == 0, result.output
    assert settings(tmp_path)["project"] == {
        "platform": "postgres",
        "layout": "plain",
        "migrations": "migrations",
        "rollbacks": "rollbacks",
        "verify": "verify",
        "naming": "guide",
    }
    assert (tmp_path / "migrations").is_dir()
    assert (tmp_path / "rollbacks").is_dir()
    assert (tmp_path / ".gitignore").read_text() == ".lockgate/\n"
    assert "lockgate new" in result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("names", "naming"),
    [
        ([], "guide"),
        (["20251201_140000_add_x.sql"], "guide"),
        (["20251201140000_add_x.sql"], "supabase"),
        (["20251201_140000_a.sql", "20251202140000_b.sql", "20251203140000_c.sql"], "supabase"),
    ],
)
def test_a_supabase_folder_is_found_with_its_spelling_and_version(
    tmp_path: Path, names: list[str], naming: str
):
    plant(tmp_path, {"supabase/config.toml": "[db]\nmajor_version = 15\n"})
    plant(tmp_path, {f"supabase/migrations/{name}": "" for name in names})
    result = init(tmp_path, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["platform"] == document["layout"] == "supabase"
    assert document["naming"] == naming
    assert document["postgres"] == 15
    assert document["migrations"] == document["without_rollback"] == len(names)
    assert settings(tmp_path)["project"]["postgres"] == 15
    assert (tmp_path / "supabase/rollbacks").is_dir()


@pytest.mark.parametrize("name", TREES)
def test_a_project_of_any_layout_reads_the_same_before_and_after(name: str, tmp_path: Path):
    plant(tmp_path, TREES[name][0])
    before = [(item.version, item.label, item.rollback is not None) for item in found(tmp_path).migrations]
    result = init(tmp_path)
    assert result.exit_code == 0, result.output
    assert settings(tmp_path)["project"]["layout"] == name
    after = [(item.version, item.label, item.rollback is not None) for item in found(tmp_path).migrations]
    assert after == before


def test_nothing_that_is_there_is_overwritten(tmp_path: Path):
    plant(tmp_path, {"lockgate.toml": "# mine\n", ".gitignore": "node_modules"})
    assert init(tmp_path).exit_code == 0
    assert (tmp_path / "lockgate.toml").read_text() == "# mine\n"
    assert (tmp_path / ".gitignore").read_text() == "node_modules\n.lockgate/\n"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = init(tmp_path)
    assert result.exit_code == 0
    assert "left as it is" in result.output
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_two_folders_of_migrations_ask_for_a_choice(tmp_path: Path):
    plant(tmp_path, {**TREES["prisma"][0], **TREES["golang-migrate"][0]})
    result = init(tmp_path)
    assert result.exit_code == 2
    assert "lockgate init --migrations prisma/migrations" in result.output
    assert not (tmp_path / "lockgate.toml").exists()
    assert init(tmp_path, "--migrations", "migrations").exit_code == 0
    assert settings(tmp_path)["project"]["layout"] == "golang-migrate"


def test_the_options_win(tmp_path: Path):
    words = ("--platform", "supabase", "--naming", "supabase", "--postgres", "18")
    assert init(tmp_path, *words).exit_code == 0
    project = settings(tmp_path)["project"]
    assert (project["platform"], project["naming"], project["postgres"]) == ("supabase", "supabase", 18)
    assert (tmp_path / "supabase/migrations").is_dir()


def test_the_remotes_of_supabase_become_environments(tmp_path: Path):
    plant(
        tmp_path,
        {
            "supabase/config.toml": '[remotes.production]\nproject_id = "a"\n[remotes."feature/x"]\nproject_id = "b"\n'
        },
    )
    assert init(tmp_path).exit_code == 0
    loaded = config.load(tmp_path)
    assert set(loaded.environments) == {"staging", "production", "feature/x"}
    assert loaded.environments["feature/x"].url == "env(FEATURE_X_DATABASE_URL)"
    assert loaded.environments["production"].protected is True


def test_an_old_project_with_odd_files_is_told_about_them(tmp_path: Path):
    plant(tmp_path, {"supabase/migrations/notes.sql": "", "supabase/migrations/0001_init.sql": ""})
    document = json.loads(init(tmp_path, "--json").stdout)
    assert document["migrations"] == 1
    assert "notes.sql" in document["problems"][0]
    assert "0001_init.sql" in document["notices"][0]["file"]


def test_what_cannot_be_written_is_said(tmp_path: Path):
    plant(tmp_path, {"migrations": "a file"})
    result = init(tmp_path)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
