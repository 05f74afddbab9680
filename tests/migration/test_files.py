"""Finding the files of a project, and what makes a project unfit to run."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest
from tests.migration.trees import found, messages, plant, readable_folder, without_rights

from lockgate import config
from lockgate.errors import SourceError, UsageError
from lockgate.migration.files import discover, read_file
from lockgate.sql.native import parse_json

FIRST = "supabase/migrations/20251201_140000_add_users.sql"
SECOND = "supabase/migrations/20251201_150000_add_items.sql"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return plant(
        tmp_path / "project",
        {
            FIRST: "CREATE TABLE users (id int);",
            SECOND: "-- lockgate: irreversible nothing to undo\nSELECT 1;",
            "supabase/rollbacks/20251201_140000_rollback.sql": "DROP TABLE users;",
            "supabase/verify/20251201_140000_verify.sql": "SELECT true;",
        },
    )


def test_a_migration_has_its_rollback_and_its_verify_file(tree: Path):
    project = found(tree)
    first, second = project.migrations
    assert str(first) == "20251201140000 add_users"
    assert first.label == FIRST
    assert first.rollback
    assert first.rollback.text == "DROP TABLE users;"
    assert first.verify
    assert first.verify.text == "SELECT true;"
    assert first.irreversible is None
    assert second.rollback is None
    assert second.irreversible == "nothing to undo"
    assert project.newest is second


@pytest.mark.parametrize(
    "text",
    [
        "20251201140000",
        "20251201_140000",
        "20251201_140000_add_users.sql",
        "20251201_140000_add_users",
        "add_users",
        FIRST,
    ],
)
def test_a_migration_is_found_by_any_of_its_names(tree: Path, text: str):
    assert found(tree).find(text).version == "20251201140000"


def test_an_unknown_version_is_a_usage_error(tree: Path):
    with pytest.raises(UsageError, match="there is no migration '20990101000000'"):
        found(tree).find("20990101000000")
    assert found(tree).get("20990101_000000") is None


def test_a_description_that_two_migrations_share_is_not_enough(tree: Path):
    plant(tree, {"supabase/migrations/20251203_000000_add_users.sql": "SELECT 1;"})
    with pytest.raises(UsageError, match="20251201140000, 20251203000000"):
        found(tree).find("add_users")


def test_two_spellings_of_one_version_are_a_duplicate(tree: Path):
    plant(tree, {"supabase/migrations/20251201140000_other.sql": "SELECT 1;"})
    with pytest.raises(SourceError) as caught:
        found(tree)
    assert "20251201_140000_add_users.sql" in str(caught.value) or "20251201140000_other.sql" in str(
        caught.value
    )
    assert "the version 20251201140000 stands twice" in str(caught.value)


def test_two_rollbacks_of_one_version_are_a_problem(tree: Path):
    plant(tree, {"supabase/rollbacks/20251201_140000_add_users.sql": "SELECT 1;"})
    assert "a second rollback of 20251201140000" in messages(found(tree, strict=False))


def test_all_problems_are_told_at_once(tree: Path):
    plant(tree, {"supabase/migrations/x.sql": "", "supabase/migrations/y.sql": "", FIRST: b"\xff"})
    project = found(tree, strict=False)
    assert len(project.problems) == 2
    assert len(project.all_problems()) == 3
    with pytest.raises(SourceError) as caught:
        project.require_sound()
    assert caught.value.evidence is not None
    assert caught.value.evidence.startswith("1 more: supabase/migrations/y.sql")


def test_a_bad_file_is_an_error_when_it_is_read(tree: Path):
    plant(tree, {FIRST: b"SELECT 1;\n  \xff"})
    first = found(tree).migrations[0]
    for read in ("text", "script", "header", "directives", "checksum", "statement_checksum"):
        with pytest.raises(SourceError) as caught:
            getattr(first, read)
        assert str(caught.value) == f"{FIRST}:2:3: invalid UTF-8 (byte 0xff)"


def test_an_unreadable_rollback_is_there_and_says_why_it_cannot_be_read(tmp_path: Path):
    files = {
        "migrations/1_a.sql": "-- +goose Up\n",
        "migrations/2_b.sql": b"-- +goose Up\n-- +goose Down\n\xff",
    }
    first, second = found(plant(tmp_path, files)).migrations
    assert first.rollback is None
    assert second.rollback is not None
    with pytest.raises(SourceError, match=r"2_b\.sql:3:1: invalid UTF-8"):
        _ = second.rollback.text


def test_a_link_out_of_the_project_is_refused(tree: Path):
    outside = plant(tree.parent, {"outside/secret.sql": "SELECT 1;"})
    (tree / "supabase/migrations/20251202_000000_link.sql").symlink_to(outside / "outside/secret.sql")
    with pytest.raises(SourceError, match=r"a symbolic link that leaves the project, to .*secret\.sql"):
        found(tree)


def test_a_linked_folder_out_of_the_project_is_refused(tree: Path):
    shutil.move(tree / "supabase/migrations", tree.parent / "elsewhere")
    (tree / "supabase/migrations").symlink_to(tree.parent / "elsewhere")
    with pytest.raises(SourceError, match="leaves the project"):
        found(tree)
    shutil.move(tree / "supabase/migrations", tree.parent / "link")
    plant(tree, {"lockgate.toml": '[project]\nmigrations = "../elsewhere"\n'})
    assert len(found(tree).migrations) == 2


def test_a_link_inside_the_project_is_read(tree: Path):
    plant(tree, {"shared/x.sql": "SELECT 1;"})
    (tree / "supabase/migrations/20251202_000000_link.sql").symlink_to(tree / "shared/x.sql")
    assert found(tree).migrations[-1].text == "SELECT 1;"


def test_broken_and_circular_links_and_pipes_are_problems(tree: Path):
    folder = tree / "supabase/migrations"
    (folder / "20251202_000000_gone.sql").symlink_to(tree / "nowhere.sql")
    (folder / "20251203_000000_loop.sql").symlink_to(folder / "20251203_000000_loop.sql")
    os.mkfifo(folder / "20251204_000000_pipe.sql")
    (folder / "20251205_000000_folder.sql").mkdir()
    shown = messages(found(tree, strict=False))
    assert "gone.sql: a broken link" in shown
    assert "loop.sql: a broken link" in shown
    assert "pipe.sql: not a regular file" in shown
    assert "folder.sql: a folder, not a file" in shown
    settings = '[project]\nmigrations = "supabase/migrations"\n'
    for layout in ("", 'layout = "plain"\n'):
        (tree / "lockgate.toml").write_text(settings + layout)
        assert "folder.sql: a folder, not a file" in messages(found(tree, strict=False))


def test_names_that_are_not_what_they_seem_are_problems(tree: Path):
    folder = os.fsencode(tree / "supabase/migrations")
    with open(folder + b"/20251202_000000_\xff.sql", "wb"):  # noqa: PTH123
        pass
    plant(
        tree,
        {
            "supabase/migrations/20251203_000000_a\u202eb.sql": "",
            "supabase/migrations/20251204_000000_grün.sql": "",
        },
    )
    project = found(tree, strict=False)
    assert "\\udcff.sql: the file's name is not UTF-8" in messages(project)
    assert "the file's name holds the bidirectional control character U+202E" in messages(project)
    assert project.migrations[-1].name == "grün"


def test_ignored_and_hidden_names_are_passed_over(tree: Path):
    plant(
        tree,
        {
            "lockgate.toml": '[project]\nignore = ["seed*.sql", "*.bak.sql"]\n',
            "supabase/migrations/seed_users.sql": "",
            "supabase/migrations/x.bak.sql": "",
            "supabase/migrations/.x.sql": "",
            "supabase/migrations/x.sql~": "",
        },
    )
    assert len(found(tree).migrations) == 2


def test_a_folder_without_permission_is_a_problem():
    with readable_folder() as folder:
        plant(folder, {FIRST: "SELECT 1;", ".git/HEAD": ""})
        (folder / "supabase/migrations").chmod(0)
        with without_rights():
            shown = messages(found(folder, strict=False))
        assert shown == "supabase/migrations: cannot be read: Permission denied"


def test_too_large_a_file_is_refused_by_the_projects_limit(tree: Path):
    plant(tree, {"lockgate.toml": '[project]\nmax_file_size = "1kB"\n', FIRST: "-- " + "x" * 2000})
    assert "is too large for a migration" in messages(found(tree))


def test_the_checksum_of_statements_tells_a_comment_from_a_change(tree: Path):
    def checksums(text: str) -> tuple[str, str]:
        first = found(plant(tree, {FIRST: text})).migrations[0]
        return first.checksum, first.statement_checksum

    original = checksums("CREATE TABLE users (id int, name text);")
    commented = checksums("-- a comment\r\nCREATE  TABLE users\r\n  (id INT, name text) ;\r\n")
    changed = checksums("CREATE TABLE users (id bigint, name text);")
    assert original[0] != commented[0]
    assert original[1] == commented[1]
    assert original[1] != changed[1]
    assert original[1].startswith("pg18:")
    assert checksums("SELEKT 1;")[1] != checksums("SELEKT 2;")[1]
    assert checksums("SELECT 1; SELECT 2;")[1] != checksums("SELECT 2; SELECT 1;")[1]


def test_the_checksum_of_bytes_is_sha256(tree: Path):
    plant(tree, {FIRST: b"\xef\xbb\xbfSELECT 1;"})
    expected = hashlib.sha256(b"\xef\xbb\xbfSELECT 1;").hexdigest()
    assert found(tree).migrations[0].checksum == expected


def test_any_file_can_be_read_as_a_migration(tmp_path: Path):
    plant(tmp_path, {"a/what ever.sql": "SELECT 1;", "b/20251201_140000_x.sql": "SELECT 2;"})
    settings = config.load(tmp_path)
    assert read_file(settings, tmp_path / "a/what ever.sql").version == ""
    other = read_file(settings, tmp_path / "b/20251201_140000_x.sql")
    assert (other.version, other.text, other.label) == (
        "20251201140000",
        "SELECT 2;",
        "b/20251201_140000_x.sql",
    )
    with pytest.raises(SourceError, match="cannot be read"):
        _ = read_file(settings, tmp_path / "missing.sql").text


REALISTIC = """-- Migration: Add table {number}
-- Date: 2025-12-01
-- Author: Ann
CREATE TABLE public.t{number} (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.t{number} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.t{number} FOR SELECT USING (id = auth.uid());
-- lockgate: ignore create-index the table is new
CREATE INDEX t{number}_name ON public.t{number} (name);
"""


def _plant_many(root: Path, count: int) -> None:
    folder = root / "supabase/migrations"
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{20200101000000 + number}_add_table_{number}.sql").write_text(
            REALISTIC.format(number=number)
        )


def test_finding_reading_and_splitting_costs_little_beside_the_parser(tmp_path: Path):
    """Processor time as a ratio, because the machines that run this are slow, busy and different."""
    _plant_many(tmp_path, 300)
    settings = config.load(tmp_path)
    _ours(settings)
    ratios = [_ours(settings) / _bare_parser(tmp_path) for _ in range(5)]
    assert min(ratios) < 6, ratios


def _ours(settings: config.Config) -> float:
    started = time.process_time()
    project = discover(settings)
    project.read_all()
    assert sum(len(item.script.statements) for item in project.migrations) == 1200
    assert not project.all_problems()
    return time.process_time() - started


def _bare_parser(root: Path) -> float:
    started = time.process_time()
    for path in sorted((root / "supabase/migrations").iterdir()):
        assert len(parse_json(path.read_bytes())) == 4
    return time.process_time() - started
