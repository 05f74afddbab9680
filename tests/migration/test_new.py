"""``new``: named by the rules, filled in from what is known, runnable as it is."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.migration.test_layouts import TREES
from tests.migration.trees import found, messages, plant

from lockgate.cli.frame import root as lockgate
from lockgate.errors import UsageError
from lockgate.migration.drafting import draft_migration, write_new
from lockgate.migration.header import check_header
from lockgate.migration.names import timestamp
from lockgate.migration.template import object_of, title_of
from lockgate.types import MigrationType, Risk

NOW = datetime(2025, 12, 1, 14, 0, 0)
SUPABASE = {"supabase/config.toml": "", "supabase/migrations/20251130_090000_create_users.sql": "SELECT 1;"}


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(lockgate, [*words, "--project", str(folder)])


def draft(folder: Path, text: str, **options):
    options = {"types": [MigrationType.SCHEMA], "author": "Ann", "now": NOW, **options}
    return draft_migration(found(folder), text, **options)


def test_a_new_migration_is_filled_in_as_far_as_can_be_known(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    write_new(draft(tmp_path, "Add user preferences", types=[MigrationType.RLS, MigrationType.SCHEMA]))
    project = found(tmp_path)
    new = project.migrations[-1]
    assert new.label == "supabase/migrations/20251201_140000_add_user_preferences.sql"
    assert new.rollback
    assert new.rollback.label == "supabase/rollbacks/20251201_140000_rollback.sql"
    header = new.header
    assert (header.title, header.author, str(header.date)) == ("Add user preferences", "Ann", "2025-12-01")
    assert header.types == (MigrationType.SCHEMA, MigrationType.RLS)
    assert header.risk is Risk.MEDIUM
    assert header.dependencies == ("20251130090000",)
    assert header.rollback == "See rollbacks/20251201_140000_rollback.sql"
    left = check_header(header, new.version, new.rollback.path.name)
    assert [(fault.field, fault.kind) for fault in left] == [
        ("Changes", "placeholder"),
        ("Testing", "placeholder"),
    ]
    back = new.rollback.header
    assert back.text("Rollback for") == "migrations/20251201_140000_add_user_preferences.sql"
    assert "lockgate rollback to 20251130_090000 --to NAME" in new.rollback.text
    assert messages(project) == ""


def test_a_new_migration_has_none_of_the_guides_errors(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    for kind in MigrationType:
        new = draft(tmp_path, "add x", types=[kind])
        for text in new.texts().values():
            code = [line for line in text.splitlines() if not line.startswith("--")]
            assert "BEGIN;" not in code
            assert "COMMIT;" not in code
            assert "FROM pg_tables" not in text
            assert "count(*)" not in text.lower()


@pytest.mark.parametrize(
    "types", [*((kind,) for kind in MigrationType), tuple(MigrationType)], ids=lambda types: "+".join(types)
)
@pytest.mark.server
def test_template_and_rollback_run_on_a_server_as_they_are(tmp_path: Path, types, pg):
    plant(tmp_path, SUPABASE)
    with pg.connect() as connection:
        for text in draft(tmp_path, "add user preferences", types=types).texts().values():
            connection.execute(text)


@pytest.mark.parametrize("kind", list(MigrationType))
@pytest.mark.server
def test_the_examples_in_the_template_run_on_a_server(tmp_path: Path, kind: MigrationType, supabase_db):
    """Uncommented, the examples do what they say, and the rollback undoes it."""
    plant(tmp_path, SUPABASE)
    forth, back = (_uncommented(text) for text in draft(tmp_path, "add notes", types=[kind]).texts().values())
    with supabase_db.connect() as connection:
        connection.execute(
            "CREATE TABLE public.users (id uuid, name text, first_name text, last_name text, full_name text)"
        )
        if kind is MigrationType.RLS:
            connection.execute("CREATE TABLE public.notes (id uuid, user_id uuid)")
            connection.execute("ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY")
        connection.execute(forth)
        connection.execute(back)
        connection.execute(forth)


def _uncommented(text: str) -> str:
    """The text with its example lines switched on: those that are SQL behind their comment marks."""
    body = text.rpartition("-- ====")[2].partition("\n")[2]
    lines = []
    for line in body.splitlines():
        stripped = line.lstrip()
        code = stripped.removeprefix("-- ")
        words = (
            "IF ",
            "  ",
            "END IF",
            "CREATE",
            "ALTER",
            "DROP",
            "REVOKE",
            "UPDATE",
            "SET ",
            "WHERE",
            ")",
            "SELECT",
        )
        is_code = stripped.startswith("-- ") and code.startswith(words)
        lines.append(code if is_code else line)
    return "\n".join(lines)


@pytest.mark.parametrize("name", [name for name in TREES if name != "sqitch"])
def test_a_new_migration_in_every_layout_is_read_back_as_the_newest(name: str, tmp_path: Path):
    plant(tmp_path, TREES[name][0])
    before = found(tmp_path)
    for text in ("add first thing", "add second thing"):
        write_new(draft(tmp_path, text))
    after = found(tmp_path)
    assert messages(after) == ""
    versioned = [item for item in after.migrations if not item.repeatable]
    assert len(after.migrations) == len(before.migrations) + 2
    assert [item.name for item in versioned[-2:]] == ["add_first_thing", "add_second_thing"]
    assert all(item.rollback for item in versioned[-2:])
    assert versioned[-1].header.title == "Add second thing"


def test_sqitch_is_told_to_sqitch(tmp_path: Path):
    plant(tmp_path, TREES["sqitch"][0])
    with pytest.raises(UsageError) as caught:
        draft(tmp_path, "add thing")
    assert caught.value.next_steps == ("sqitch add add_thing -n 'what it does'",)


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (None, "20251201140000"),
        ("2025-12-24", "20251224140000"),
        ("20251224", "20251224140000"),
        ("2025-12-24T08:30", "20251224083000"),
        ("2025-12-24 08:30:15", "20251224083015"),
        ("20251224_083015", "20251224083015"),
        ("2025-11-30", "20251130140000"),
    ],
)
def test_the_date_can_be_given(tmp_path: Path, at: str | None, version: str):
    plant(tmp_path, SUPABASE)
    assert draft(tmp_path, "add x", at=at).draft.version == version


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("yesterday", "is not a date"),
        ("2025-02-30", "no date of the calendar|not a date of the calendar"),
        ("2025-11-29", "is not later than the newest migration"),
        ("2025-11-30T08:00", "is not later than the newest migration"),
    ],
)
def test_a_date_that_cannot_be_is_refused(tmp_path: Path, at: str, words: str):
    plant(tmp_path, SUPABASE)
    with pytest.raises(UsageError, match=words):
        draft(tmp_path, "add x", at=at)


def test_versions_grow_also_within_a_second_and_beyond_a_future_one(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    versions = []
    for number in range(3):
        new = draft(tmp_path, f"add x{number}")
        write_new(new)
        versions.append(new.draft.version)
    assert versions == ["20251201140000", "20251201140001", "20251201140002"]
    plant(tmp_path, {"supabase/migrations/20301231_235959_add_far.sql": ""})
    new = draft(tmp_path, "add later")
    assert new.draft.version == "20310101000000"
    assert any("the clock is behind" in remark for remark in new.remarks)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    new = draft(tmp_path, "add x")
    plant(tmp_path, {"supabase/rollbacks/20251201_140000_rollback.sql": "precious"})
    with pytest.raises(UsageError, match="is already there"):
        write_new(new)
    assert not new.files.forth.exists()
    assert new.files.back
    assert new.files.back.read_text() == "precious"


@pytest.mark.parametrize(("spelling", "name"), [("guide", "20251201_140000"), ("supabase", "20251201140000")])
def test_the_settings_decide_the_spelling(tmp_path: Path, spelling: str, name: str):
    plant(tmp_path, {**SUPABASE, "lockgate.toml": f'[project]\nnaming = "{spelling}"\n'})
    new = draft(tmp_path, "add x")
    assert new.files.forth.name == f"{name}_add_x.sql"
    assert new.files.back
    assert new.files.back.name == f"{name}_rollback.sql"


def test_the_existing_files_decide_the_spelling(tmp_path: Path):
    plant(tmp_path, {"supabase/migrations/20251130090000_create_users.sql": ""})
    assert draft(tmp_path, "add x").files.forth.name == "20251201140000_add_x.sql"


def test_the_command(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    result = run(tmp_path, "new", "Add", "Späße!", "--type", "data+rls", "--author", "Ann", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["name"] == "add_spasse"
    assert document["types"] == ["Data", "RLS"]
    assert document["risk"] == "High"
    assert document["remarks"] == ["named add_spasse"]
    assert (tmp_path / document["migration"]).is_file()
    assert (tmp_path / document["rollback"]).is_file()
    assert timestamp(document["version"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("new", "!!!"), "holds no letters"),
        (("new", "add x", "--type", "Schem"), "'Schem' is no type"),
        (("new", "add x", "--date", "soon"), "is not a date"),
        (("new",), "Missing argument"),
    ],
)
def test_wrong_words_are_usage_errors(tmp_path: Path, words: tuple[str, ...], message: str):
    plant(tmp_path, SUPABASE)
    result = run(tmp_path, *words)
    assert result.exit_code == 2
    assert message in result.output


def test_titles_and_objects():
    assert title_of("add_user_preferences") == "Add user preferences"
    assert object_of("create_teams_table") == "teams"
    assert object_of("add") == "new_table"
    assert object_of("teams") == "teams"


def test_hostile_words_stay_inside_the_comments(tmp_path: Path):
    plant(tmp_path, SUPABASE)
    hostile = "add x\n; DROP TABLE users; --\u202e {0} {title} %s"
    write_new(draft(tmp_path, hostile, author="Ann\nDROP TABLE users;"))
    project = found(tmp_path)
    assert messages(project) == ""
    for migration, file in itertools.product(project.migrations[-1:], ("forth", "back")):
        assert [statement.kind for statement in getattr(migration, file).script.statements] == [
            "DoStmt",
            "DoStmt",
        ][: 2 if file == "forth" else 1]
