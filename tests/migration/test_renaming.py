"""``names convert``: all files or none, and the project reads the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.migration.trees import found, plant

from lockgate.cli.frame import root as lockgate
from lockgate.errors import LockgateError, UsageError
from lockgate.migration.renaming import plan_renaming, rename

FILES = {
    "lockgate.toml": '[project]\n# the spelling\nnaming = "guide" # as in the guide\r\n',
    "supabase/migrations/20251201_140000_add_users.sql": "CREATE TABLE users ();",
    "supabase/migrations/20251201_150000_add_items.sql": "CREATE TABLE items ();",
    "supabase/migrations/20251202160000_add_notes.sql": "CREATE TABLE notes ();",
    "supabase/migrations/0001_early.sql": "SELECT 1;",
    "supabase/rollbacks/20251201_140000_rollback.sql": "DROP TABLE users;",
    "supabase/rollbacks/20251201_150000_add_items.sql": "DROP TABLE items;",
    "supabase/verify/20251201_140000_verify.sql": "SELECT true;",
}


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(lockgate, ["names", "convert", *words, "--project", str(folder)])


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.sql")}


def reading(folder: Path) -> list[tuple[object, ...]]:
    return [
        (
            item.version,
            item.name,
            item.checksum,
            item.rollback and item.rollback.checksum,
            item.verify is not None,
        )
        for item in found(folder).migrations
    ]


def test_without_write_nothing_changes(tmp_path: Path):
    plant(tmp_path, FILES)
    before = names(tmp_path)
    result = run(tmp_path, "--to", "supabase")
    assert result.exit_code == 0, result.output
    assert "5 files would be renamed; nothing was changed." in result.output
    assert names(tmp_path) == before


def test_there_and_back(tmp_path: Path):
    plant(tmp_path, FILES)
    before, read = names(tmp_path), reading(tmp_path)
    result = run(tmp_path, "--to", "supabase", "--write")
    assert result.exit_code == 0, result.output
    assert names(tmp_path) == {
        "supabase/migrations/20251201140000_add_users.sql",
        "supabase/migrations/20251201150000_add_items.sql",
        "supabase/migrations/20251202160000_add_notes.sql",
        "supabase/migrations/0001_early.sql",
        "supabase/rollbacks/20251201140000_rollback.sql",
        "supabase/rollbacks/20251201150000_add_items.sql",
        "supabase/verify/20251201140000_verify.sql",
    }
    assert reading(tmp_path) == read
    assert (tmp_path / "lockgate.toml").read_bytes() == FILES["lockgate.toml"].replace(
        '"guide"', '"supabase"'
    ).encode()
    assert "has that spelling already" in run(tmp_path, "--to", "supabase", "--write").output
    assert run(tmp_path, "--to", "guide", "--write").exit_code == 0
    assert reading(tmp_path) == read
    assert names(tmp_path) == {name.replace("20251202160000", "20251202_160000") for name in before}


def test_the_document_tells_what_the_supabase_cli_will_see(tmp_path: Path):
    plant(tmp_path, FILES)
    document = json.loads(run(tmp_path, "--to", "supabase", "--json").stdout)
    first = document["files"][0]
    assert first == {
        "file": "supabase/migrations/20251201_140000_add_users.sql",
        "new": "20251201140000_add_users.sql",
        "version": "20251201140000",
        "supabase_cli_version": {"before": "20251201", "after": "20251201140000"},
    }
    assert document["written"] is False


def test_a_taken_name_stops_everything(tmp_path: Path):
    plant(tmp_path, FILES)
    moves = plan_renaming(found(tmp_path), "supabase")
    plant(tmp_path, {"supabase/rollbacks/20251201140000_rollback.sql": "precious"})
    before = names(tmp_path)
    with pytest.raises(LockgateError) as caught:
        rename(moves)
    assert caught.value.state == "every file has its old name again"
    assert names(tmp_path) == before
    assert (tmp_path / "supabase/rollbacks/20251201140000_rollback.sql").read_text() == "precious"


def test_a_name_that_is_taken_before_is_a_usage_error(tmp_path: Path):
    plant(tmp_path, FILES)
    project = found(tmp_path)
    plant(tmp_path, {"supabase/migrations/20251201140000_add_users.sql": "other"})
    with pytest.raises(UsageError, match="that name is taken"):
        plan_renaming(project, "supabase")


def test_other_tools_keep_their_names(tmp_path: Path):
    plant(tmp_path, {"migrations/1_x.up.sql": "SELECT 1;"})
    result = run(tmp_path, "--to", "guide")
    assert result.exit_code == 2
    assert "belong to that tool" in result.output
