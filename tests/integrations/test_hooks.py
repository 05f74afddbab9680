"""The pre-commit hook and the GitHub Action: their own command lines, run in real git repositories."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockgate.cli.check import command

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/check-in-ci.md").read_text("utf-8")
SAFE = "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text);\n"
UNSAFE = "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n"
BIN = str(Path(sys.executable).parent)


def run(folder: Path, *command: str, code: int = 0, **variables: str) -> str:
    environment = {
        "PATH": os.pathsep.join([BIN, os.environ["PATH"]]),
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        **variables,
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def commit(folder: Path, file: str, text: str) -> str:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-q", "--no-verify", "-m", "more")
    return run(folder, "git", "rev-parse", "HEAD").strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    run(folder, "git", "init", "-q", "-b", "main")
    commit(folder, "backend/migrations/20250101_000000_create_users.sql", SAFE)
    return folder


# pre-commit


@pytest.fixture
def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return found


def test_the_hook_stops_a_commit_that_brings_a_hazard(hook: dict[str, Any], repository: Path) -> None:
    # Installed as it is, pre-commit would fetch Lockgate from the net; everything else is the hook's own.
    local = {**hook, "language": "system"}
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    run(repository, "pre-commit", "install")
    commit(repository, "backend/lockgate.toml", '[project]\nlayout = "plain"\n')
    (repository / "backend/migrations/20250102_000000_require_email.sql").write_text(UNSAFE)
    (repository / "backend/seed.sql").write_text("TRUNCATE users;\n")
    (repository / "backend/migrations/20250102_000000_require_email.down.sql").write_text("TRUNCATE users;\n")
    run(repository, "git", "add", "-A")
    head = run(repository, "git", "rev-parse", "HEAD")
    told = run(repository, "git", "commit", "-m", "require", code=1)
    assert "set-not-null-scan" in told
    assert "truncate" not in told
    assert run(repository, "git", "rev-parse", "HEAD") == head


def test_the_hook_is_silent_about_what_is_safe(hook: dict[str, Any], repository: Path) -> None:
    config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    run(repository, "git", "add", "-A")
    assert "Passed" in run(repository, "pre-commit", "run", "--all-files")


# GitHub


@pytest.fixture
def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return found


def step(action: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in action["runs"]["steps"] if step.get("name") == name)


def check(action: dict[str, Any], folder: Path, code: int, **inputs: str) -> str:
    chosen = step(action, "Check the migrations")
    given = {name: str(value.get("default", "")) for name, value in action["inputs"].items()}
    given = {**given, "base": "", **inputs}
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], value)
        for name, value in chosen["env"].items()
    }
    script = folder.parent / "step.sh"
    script.write_text(chosen["run"])
    # What GitHub runs for `shell: bash`.
    return run(
        folder, "bash", "--noprofile", "--norc", "-eo", "pipefail", str(script), code=code, **variables
    )


def clone(repository: Path, tmp_path: Path) -> Path:
    """As actions/checkout makes it: the newest revision alone."""
    run(tmp_path, "git", "clone", "-q", "--depth=1", f"file://{repository}", "work")
    return tmp_path / "work"


def test_the_action_reports_what_the_change_brings(
    action: dict[str, Any], repository: Path, tmp_path: Path
) -> None:
    base = commit(repository, "backend/migrations/20250102_000000_old.sql", "DROP TABLE IF EXISTS old;\n")
    commit(repository, "backend/migrations/20250103_000000_require_email.sql", UNSAFE)
    work = clone(repository, tmp_path)
    told = check(action, work, 3, base=base, project="backend")
    assert re.search(
        r"^::error file=backend/migrations/20250103_000000_require_email\.sql,line=1,.*title=set-not-null-scan::",
        told,
        re.MULTILINE,
    )
    assert "20250102" not in told


def test_the_action_checks_everything_without_a_revision_before(
    action: dict[str, Any], repository: Path, tmp_path: Path
) -> None:
    commit(repository, "backend/migrations/20250102_000000_old.sql", "DROP TABLE old;\n")
    work = clone(repository, tmp_path)
    for base in ("", "0" * 40):
        assert "title=drop-table" in check(action, work, 3, base=base, project="backend")
    told = check(action, work, 0, project="backend", arguments="--fail-on never --ignore drop-table")
    assert "title=drop-table" not in told


def test_the_action_is_content_when_no_migration_changed(
    action: dict[str, Any], repository: Path, tmp_path: Path
) -> None:
    base = commit(repository, "backend/migrations/20250102_000000_old.sql", "DROP TABLE old;\n")
    commit(repository, "README.md", "more words\n")
    assert check(action, clone(repository, tmp_path), 0, base=base, project="backend") == ""


@pytest.mark.skipif("LOCKGATE_NIGHTLY" not in os.environ, reason="building the package takes long")
def test_the_action_installs_what_its_checkout_holds(action: dict[str, Any], tmp_path: Path) -> None:
    # Without the net: with the build system and the dependencies of this environment.
    run(
        tmp_path,
        "bash",
        "-ec",
        step(action, "Install Lockgate")["run"],
        GITHUB_ACTION_PATH=str(ROOT),
        PIP_TARGET=str(tmp_path / "site"),
        PIP_NO_INDEX="1",
        PIP_NO_DEPS="1",
        PIP_NO_BUILD_ISOLATION="0",
    )
    version = run(
        tmp_path,
        sys.executable,
        "-c",
        "import lockgate; print(lockgate.__file__)",
        PYTHONPATH=str(tmp_path / "site"),
    )
    assert version.startswith(str(tmp_path / "site"))


def test_no_input_of_the_action_reaches_a_shell_unquoted(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


# The page


def blocks() -> list[Any]:
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_the_page_names_every_input_and_the_hook(action: dict[str, Any], hook: dict[str, Any]) -> None:
    assert all(f"| `{name}` |" in PAGE for name in action["inputs"])
    workflow, _, precommit, _ = blocks()
    (job,) = workflow["jobs"].values()
    used = next(step for step in job["steps"] if "lockgate" in step["uses"])
    assert set(used["with"]) <= set(action["inputs"])
    assert precommit["repos"][0]["hooks"] == [{"id": hook["id"]}]


def test_every_option_that_the_page_uses_exists() -> None:
    known = {name for parameter in command.params for name in parameter.opts}
    lines = re.findall(r"lockgate check((?: --?[\w-]+(?: [^-\s`]\S*)?)+)", PAGE)
    assert lines
    assert {option for line in lines for option in re.findall(r"--[\w-]+", line)} <= known


def test_the_settings_of_the_page_are_understood(tmp_path: Path) -> None:
    (settings,) = re.findall(r"```\n(\[check.*?)```", PAGE, re.DOTALL)
    (tmp_path / "lockgate.toml").write_text(settings)
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    run(tmp_path, "lockgate", "check")
