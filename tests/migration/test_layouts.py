"""Each layout, read from a tree as its own tool would have made it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from tests.migration.trees import found, messages, plant

from lockgate.config.sections.project import LayoutName
from lockgate.errors import ConfigError, SourceError, UsageError
from lockgate.migration.layouts import LAYOUTS, by_name

GOOSE = """-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;
-- +goose StatementEnd
CREATE TABLE a (id int);

-- +goose Down
DROP TABLE a;
DROP FUNCTION one();
"""
DBMATE = """-- migrate:up transaction:false
CREATE TABLE a (id int);

-- migrate:down
DROP TABLE a;
"""
PLAN = """%syntax-version=1.0.0
%project=shop
%uri=https://example.org/shop/

roles 2024-01-05T10:00:00Z Ann <ann@example.org> # the roles
users [roles] 2024-01-06T10:00:00Z Ann <ann@example.org> # users
@v1.0 2024-01-07T10:00:00Z Ann <ann@example.org> # first
items [users !old] 2024-01-08T10:00:00Z Ann <ann@example.org>  # items
users [users@v1.0] 2024-01-09T10:00:00Z Ann <ann@example.org> # rework
"""

TREES: dict[str, tuple[dict[str, str | bytes], list[tuple[str, str, bool]]]] = {
    "supabase": (
        {
            "supabase/config.toml": "[db]\nmajor_version = 15\n",
            "supabase/migrations/20251201_140000_add_users.sql": "CREATE TABLE a ();",
            "supabase/migrations/20251201150000_add_items.sql": "CREATE TABLE b ();",
            "supabase/migrations/20251202_000000_drop_items.sql": "DROP TABLE b;",
            "supabase/migrations/.keep": "",
            "supabase/migrations/README.md": "notes",
            "supabase/rollbacks/20251201_140000_rollback.sql": "DROP TABLE a;",
            "supabase/rollbacks/20251201150000_add_items.sql": "DROP TABLE b;",
            "supabase/rollbacks/20251202000000.down.sql": "CREATE TABLE b ();",
        },
        [
            ("20251201140000", "add_users", True),
            ("20251201150000", "add_items", True),
            ("20251202000000", "drop_items", True),
        ],
    ),
    "flyway": (
        {
            "src/main/resources/db/migration/V1__init.sql": "CREATE TABLE a ();",
            "src/main/resources/db/migration/V1_1__more.sql": "CREATE TABLE b ();",
            "src/main/resources/db/migration/V10__last.sql": "CREATE TABLE c ();",
            "src/main/resources/db/migration/V2.5__index.sql": "CREATE INDEX CONCURRENTLY i ON a (id);",
            "src/main/resources/db/migration/V2.5__index.sql.conf": "executeInTransaction=false\n",
            "src/main/resources/db/migration/U2.5__index.sql": "DROP INDEX i;",
            "src/main/resources/db/migration/views/R__names.sql": "CREATE OR REPLACE VIEW v AS SELECT 1;",
            "src/main/resources/db/migration/afterMigrate.sql": "SELECT 1;",
        },
        [
            ("1", "init", False),
            ("1.1", "more", False),
            ("2.5", "index", True),
            ("10", "last", False),
            ("R__names", "names", False),
        ],
    ),
    "golang-migrate": (
        {
            "migrations/000001_create_users.up.sql": "CREATE TABLE a ();",
            "migrations/000001_create_users.down.sql": "DROP TABLE a;",
            "migrations/000010_last.up.sql": "SELECT 1;",
            "migrations/000002_more.up.sql": "SELECT 1;",
        },
        [("000001", "create_users", True), ("000002", "more", False), ("000010", "last", False)],
    ),
    "sqlx": (
        {
            "Cargo.toml": '[dependencies]\nsqlx = { version = "0.8" }\n',
            "migrations/20240101000000_first.sql": "SELECT 1;",
            "migrations/20240102000000_second.up.sql": "-- no-transaction\nVACUUM;",
            "migrations/20240102000000_second.down.sql": "SELECT 1;",
        },
        [("20240101000000", "first", False), ("20240102000000", "second", True)],
    ),
    "diesel": (
        {
            "diesel.toml": "",
            "migrations/00000000000000_diesel_initial_setup/up.sql": "SELECT 1;",
            "migrations/00000000000000_diesel_initial_setup/down.sql": "SELECT 2;",
            "migrations/2024-01-02-030405_create_posts/up.sql": "CREATE TABLE posts ();",
            "migrations/2024-01-02-030405_create_posts/down.sql": "DROP TABLE posts;",
            "migrations/2024-01-03-000000_index/up.sql": "CREATE INDEX CONCURRENTLY i ON a (id);",
            "migrations/2024-01-03-000000_index/metadata.toml": "run_in_transaction = false\n",
        },
        [
            ("00000000000000", "diesel_initial_setup", True),
            ("20240102030405", "create_posts", True),
            ("20240103000000", "index", False),
        ],
    ),
    "dbmate": (
        {
            "db/migrations/20240101000000_create_a.sql": DBMATE,
            "db/migrations/20240102000000_nothing_back.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n\n",
            "db/schema.sql": "CREATE TABLE a ();",
        },
        [("20240101000000", "create_a", True), ("20240102000000", "nothing_back", False)],
    ),
    "goose": (
        {
            "migrations/00001_first.sql": GOOSE,
            "migrations/00002_second.sql": "-- +goose NO TRANSACTION\n-- +goose up\nVACUUM;\n",
            "migrations/00010_third.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\n",
        },
        [("00001", "first", True), ("00002", "second", False), ("00010", "third", False)],
    ),
    "prisma": (
        {
            "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
            "prisma/migrations/0_init/migration.sql": "CREATE TABLE a ();",
            "prisma/migrations/20240101000000_add_b/migration.sql": "CREATE TABLE b ();",
            "prisma/migrations/20240101000000_add_b/down.sql": "DROP TABLE b;",
        },
        [("0", "init", False), ("20240101000000", "add_b", True)],
    ),
    "sqitch": (
        {
            "sqitch.plan": PLAN,
            "sqitch.conf": "[core]\n\tengine = pg\n",
            "deploy/roles.sql": "BEGIN; CREATE ROLE r; COMMIT;",
            "revert/roles.sql": "BEGIN; DROP ROLE r; COMMIT;",
            "verify/roles.sql": "BEGIN; SELECT 1; ROLLBACK;",
            "deploy/users@v1.0.sql": "CREATE TABLE users ();",
            "revert/users@v1.0.sql": "DROP TABLE users;",
            "deploy/users.sql": "ALTER TABLE users ADD x int;",
            "deploy/items.sql": "CREATE TABLE items ();",
        },
        [
            ("roles", "roles", True),
            ("users@v1.0", "users", True),
            ("items", "items", False),
            ("users", "users", False),
        ],
    ),
    "plain": (
        {
            "migrations/1_create_a.sql": "CREATE TABLE a ();",
            "migrations/2_create_b.sql": "CREATE TABLE b ();",
            "migrations/10_create_c.sql": "CREATE TABLE c ();",
            "migrations/2_create_b.down.sql": "DROP TABLE b;",
            "rollbacks/1_create_a.sql": "DROP TABLE a;",
        },
        [("1", "create_a", True), ("2", "create_b", True), ("10", "create_c", False)],
    ),
}


def test_every_layout_has_a_tree_and_a_setting():
    names = {layout.name for layout in LAYOUTS}
    assert names == set(TREES) == set(get_args(LayoutName))


@pytest.mark.parametrize("name", TREES)
def test_layout_is_found_by_looking_and_read_in_its_order(name: str, tmp_path: Path):
    files, expected = TREES[name]
    project = found(plant(tmp_path, files))
    assert project.layout.name == name
    assert messages(project) == ""
    seen = [(item.version, item.name, item.rollback is not None) for item in project.migrations]
    assert seen == expected


@pytest.mark.parametrize("name", TREES)
def test_layout_is_read_when_it_is_named(name: str, tmp_path: Path):
    files, expected = TREES[name]
    plant(tmp_path, {**files, "lockgate.toml": f'[project]\nlayout = "{name}"\n'})
    assert [item.version for item in found(tmp_path).migrations] == [version for version, _, _ in expected]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("flyway", "2.5"),
        ("sqlx", "20240102000000"),
        ("diesel", "20240103000000"),
        ("dbmate", "20240101000000"),
        ("goose", "00002"),
    ],
)
def test_a_layouts_own_word_for_no_transaction_counts(name: str, version: str, tmp_path: Path):
    project = found(plant(tmp_path, TREES[name][0]))
    asking = [item.version for item in project.migrations if item.no_transaction]
    assert asking == [version]


def test_two_ways_in_one_file_keep_their_lines(tmp_path: Path):
    migration = found(plant(tmp_path, TREES["goose"][0])).migrations[0]
    assert [statement.line for statement in migration.script.statements] == [3, 5]
    assert migration.rollback is not None
    assert [statement.sql for statement in migration.rollback.script.statements] == [
        "DROP TABLE a",
        "DROP FUNCTION one()",
    ]
    assert [statement.line for statement in migration.rollback.script.statements] == [8, 9]


def test_an_edit_of_the_way_back_leaves_the_checksum_of_the_way_forth(tmp_path: Path):
    plant(tmp_path, TREES["dbmate"][0])
    before = _checksums(tmp_path)
    edited = DBMATE.replace("DROP TABLE a;", "DROP TABLE a;\nDROP TABLE b;\n")
    plant(tmp_path, {"db/migrations/20240101000000_create_a.sql": edited})
    after = _checksums(tmp_path)
    assert before[0] == after[0]
    assert before[1] != after[1]


def _checksums(root: Path) -> tuple[str, str]:
    migration = found(root).migrations[0]
    assert migration.rollback
    return migration.checksum, migration.rollback.checksum


@pytest.mark.parametrize(
    ("name", "file", "text", "expected"),
    [
        (
            "dbmate",
            "db/migrations/20240101000000_create_a.sql",
            "SELECT 1;",
            "there is no line '-- migrate:up'",
        ),
        (
            "dbmate",
            "db/migrations/20240102000000_nothing_back.sql",
            "SELECT 1;\n-- migrate:up\n",
            "SQL before",
        ),
        ("goose", "migrations/00010_third.sql", "SELECT 1;", "there is no line '-- +goose Up'"),
        (
            "goose",
            "migrations/00010_third.sql",
            "-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${X}';",
            "ENVSUB",
        ),
    ],
)
def test_a_file_without_its_markers_is_a_problem(
    name: str, file: str, text: str, expected: str, tmp_path: Path
):
    project = found(plant(tmp_path, {**TREES[name][0], file: text}))
    assert expected in messages(project)
    assert file in messages(project)


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("supabase", "supabase/migrations/add_users.sql", "the Supabase CLI would skip it"),
        ("supabase", "supabase/migrations/2025-01-01_x.sql", "the Supabase CLI would skip it"),
        ("supabase", "supabase/migrations/20250115_093000.sql", "would apply it as version 20250115"),
        ("supabase", "supabase/migrations/20251203_000000_x.SQL", "would skip it"),
        (
            "supabase",
            "supabase/migrations/20251201_140000_rollback.sql",
            "a rollback file among the migrations",
        ),
        (
            "supabase",
            "supabase/migrations/20251201_140000_a.down.sql",
            "a rollback file among the migrations",
        ),
        ("flyway", "src/main/resources/db/migration/v3__x.sql", "the name is not V<version>"),
        ("flyway", "src/main/resources/db/migration/V1.0__again.sql", "stands twice"),
        ("golang-migrate", "migrations/3_x.sql", "the name is not"),
        ("golang-migrate", "migrations/2_again.up.sql", "the version 2 stands twice"),
        ("diesel", "migrations/stray.sql", "Diesel's migrations are folders"),
        ("diesel", "migrations/2024-01-09-000000_empty/down.sql", "with an up.sql"),
        ("dbmate", "db/migrations/x.sql", "does not begin with a version"),
        ("goose", "migrations/00003_code.go", "a migration in Go"),
        ("goose", "migrations/0_zero.sql", "a version from 1 on"),
        ("prisma", "prisma/migrations/2024_empty/notes.txt", "there is no migration.sql"),
        ("sqitch", "sqitch.plan", "neither a change nor a tag"),
        ("plain", "migrations/rollback.sql", "the name is not <digits>"),
        ("plain", "migrations/01_again.sql", "stands twice"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_reason(name: str, file: str, expected: str, tmp_path: Path):
    project = found(plant(tmp_path, {**TREES[name][0], file: "nonsense\n"}), strict=False)
    assert expected in "\n".join(str(problem) for problem in project.problems)
    with pytest.raises(SourceError):
        project.require_sound()


def test_sqitch_names_a_missing_script(tmp_path: Path):
    plant(tmp_path, TREES["sqitch"][0])
    (tmp_path / "deploy/items.sql").unlink()
    (tmp_path / "deploy/users@v1.0.sql").unlink()
    shown = messages(found(tmp_path, strict=False))
    assert "there is no deploy/items.sql" in shown
    assert "there is no deploy/users@TAG.sql" in shown


def test_notices_tell_what_is_passed_over(tmp_path: Path):
    files = {
        **TREES["supabase"][0],
        "supabase/migrations/20200101000000_init.sql": "SELECT 1;",
        "supabase/migrations/0001_early.sql": "SELECT 1;",
        "supabase/rollbacks/20990101000000_rollback.sql": "SELECT 1;",
    }
    notices = "\n".join(
        f"{notice.path}: {notice.message}" for notice in found(plant(tmp_path, files)).notices
    )
    assert "20200101000000_init.sql: the Supabase CLI skips" in notices
    assert "the version 0001 is not a time stamp" in notices
    assert "20990101000000_rollback.sql: a rollback of a version that no migration has" in notices


def test_plain_never_runs_both_ways_of_another_tools_file(tmp_path: Path):
    plant(tmp_path, {"migrations/1_a.sql": DBMATE, "lockgate.toml": '[project]\nlayout = "plain"\n'})
    assert 'write layout = "dbmate"' in messages(found(tmp_path))


def test_two_folders_of_migrations_are_told_apart_by_the_settings(tmp_path: Path):
    plant(tmp_path, {**TREES["prisma"][0], **TREES["golang-migrate"][0]})
    with pytest.raises(ConfigError) as caught:
        found(tmp_path)
    assert "prisma/migrations (prisma), migrations (golang-migrate)" in str(caught.value)
    plant(tmp_path, {"lockgate.toml": '[project]\nmigrations = "migrations"\n'})
    assert found(tmp_path).layout is by_name("golang-migrate")


def test_a_configured_folder_must_be_there(tmp_path: Path):
    plant(
        tmp_path, {**TREES["supabase"][0], "lockgate.toml": '[project]\nmigrations = "supabse/migrations"\n'}
    )
    with pytest.raises(ConfigError, match="there is no folder supabse/migrations"):
        found(tmp_path)


def test_nothing_found_says_how_to_begin(tmp_path: Path):
    with pytest.raises(UsageError) as caught:
        found(tmp_path)
    assert caught.value.next_steps[0].startswith("lockgate init")


def test_an_empty_supabase_project_has_no_migrations(tmp_path: Path):
    project = found(plant(tmp_path, {"supabase/config.toml": ""}))
    assert project.migrations == ()
    assert project.newest is None
