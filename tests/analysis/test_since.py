"""``check --since REV``: which files of a git repository are reported, and what stands in for a bad revision."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lockgate.cli.frame import root

TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, a text);\n"
DROP = "ALTER TABLE t DROP COLUMN a;\n"


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def check(project: Path, *words: str) -> Result:
    return CliRunner().invoke(root, ["check", "--no-cache", "--project", str(project), *words])


def reported(project: Path, revision: str = "HEAD") -> set[str]:
    document = json.loads(check(project, "--json", "--since", revision).stdout)
    return {migration["file"] for migration in document["migrations"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of its repository, with two committed migrations."""
    folder = tmp_path / "repository/database"
    (folder / "m").mkdir(parents=True)
    (folder / "lockgate.toml").write_text('[project]\nlayout = "plain"\nmigrations = "m"\n')
    (folder / "m/01_table.sql").write_text(TABLE)
    (folder / "m/02_drop.sql").write_text(DROP)
    git(folder.parent, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_nothing_is_reported_where_nothing_changed(project: Path) -> None:
    assert reported(project) == set()


def test_new_staged_renamed_and_changed_files_are_reported(project: Path) -> None:
    (project / "m/03_ä b.sql").write_text("SELECT 1;\n")
    (project / "m/04_staged.sql").write_text("SELECT 1;\n")
    git(project, "add", "m/04_staged.sql")
    git(project, "mv", "m/02_drop.sql", "m/05_drop.sql")
    (project / "m/01_table.sql").write_text(TABLE + "-- changed\n")
    assert reported(project) == {"m/01_table.sql", "m/03_ä b.sql", "m/04_staged.sql", "m/05_drop.sql"}


def test_a_deleted_file_is_no_history_any_more(project: Path) -> None:
    (project / "m/01_table.sql").unlink()
    (project / "m/03_index.sql").write_text("CREATE INDEX i ON t (id);\n")
    assert reported(project) == {"m/03_index.sql"}


def test_what_came_before_is_history(project: Path) -> None:
    (project / "m/03_again.sql").write_text("CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY);\n")
    found = json.loads(check(project, "--json", "--since", "HEAD").stdout)["findings"]
    assert "create-table-if-not-exists-noop" in {finding["rule"] for finding in found}


@pytest.mark.parametrize("revision", ["elsewhere", "", "--", "--output=told", "HEAD:./m", "HEAD..HEAD"])
def test_a_revision_that_is_none(project: Path, revision: str) -> None:
    result = check(project, f"--since={revision}")
    assert result.exit_code == 2
    assert f"there is no revision {revision!r}" in result.stderr
    assert not (project / "told").exists()


def test_a_shallow_clone_lacks_revisions(project: Path, tmp_path: Path) -> None:
    (project / "m/03_more.sql").write_text("SELECT 1;\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{project.parent}", "shallow")
    clone = tmp_path / "shallow/database"
    assert reported(clone) == set()
    result = check(clone, "--since", "HEAD~1")
    assert result.exit_code == 2
    assert "git fetch --unshallow" in result.stderr


def test_a_folder_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "migrations").mkdir()
    (tmp_path / "lockgate.toml").write_text('[project]\nlayout = "plain"\n')
    (tmp_path / "migrations/01_table.sql").write_text(TABLE)
    result = check(tmp_path, "--since", "HEAD")
    assert result.exit_code == 2
    assert "not a git repository" in result.stderr


def test_quiet_leaves_a_line_for_each_finding(project: Path) -> None:
    (line,) = check(project, "--quiet").stdout.splitlines()
    assert line.startswith("m/02_drop.sql:1  drop-column  error  Drops")
