"""``lockgate verify`` and ``lockgate test --rls`` as people and programs see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.rls import seeded
from tests.servers import Database

NOTES = (seeded.FOLDER / "bases" / "notes.sql").read_text()
OWN = "CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));"
USERS = """
INSERT INTO auth.users (id)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid FROM generate_series(1, 4) AS n;
"""


@pytest.fixture
def project(tmp_path: Path, supabase_db: Database) -> Sandbox:
    made = sandbox(tmp_path, supabase_db.url, "supabase")
    made.write("20250101100000", "create_notes", USERS + NOTES + OWN, "DROP TABLE notes;")
    return made


def verify_file(project: Sandbox, sql: str) -> None:
    folder = project.folder / "verify"
    folder.mkdir(exist_ok=True)
    (folder / "20250101_100000_verify.sql").write_text(sql)


def steps(document: dict[str, object]) -> dict[str, dict[str, object]]:
    listed = document["steps"]
    assert isinstance(listed, list)
    return {step["id"]: step for step in listed}


def test_queries_that_return_true_pass(project: Sandbox) -> None:
    verify_file(project, "SET LOCAL statement_timeout = '5s'; SELECT count(*) = 6 FROM notes; SELECT true;")
    assert steps(project.json("verify"))["20250101100000"]["status"] == "skipped"
    assert project.to_target("apply", "--yes").exit_code == 0
    document = project.json("verify")
    step = steps(document)["20250101100000"]
    assert document["_exit"] == 0
    assert (step["status"], step["rows"], step["kind"]) == ("passed", 2, "queries")
    assert document["rls"] is None


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT false;", "line 1: returned false"),
        ("SELECT true;\nSELECT NULL::boolean;", "line 2: returned NULL"),
        ("SELECT 'x';", "returned no boolean"),
        ("SELECT true WHERE false;", "returned no row"),
        ("SELECT true, true;", "more than one row or column"),
        ("SELECT 1/0 = 1;", "division by zero"),
        ("DELETE FROM notes;", "read-only transaction"),
        ("SELEC true;", "syntax error"),
        ("-- nothing", "nothing is verified"),
    ],
)
def test_everything_else_fails(project: Sandbox, supabase_db: Database, sql: str, words: str) -> None:
    verify_file(project, sql)
    assert project.to_target("apply", "--yes").exit_code == 0
    document = project.json("verify", "20250101100000")
    (step,) = steps(document).values()
    assert document["_exit"] == 6
    assert step["status"] == "failed"
    assert words in str(step["error"])


def test_the_catalog_is_checked(project: Sandbox, supabase_db: Database) -> None:
    assert project.to_target("apply", "--yes").exit_code == 0
    supabase_db.execute("""
        CREATE TABLE bare (id int);
        CREATE TABLE forgotten (id int); CREATE POLICY p ON forgotten USING (true);
        ALTER TABLE notes ADD CONSTRAINT short CHECK (length(title) < 9) NOT VALID
    """)
    result = project.to_target("verify")
    assert result.exit_code == 6
    assert "exposed-without-rls" in result.output
    assert "bare: ALTER TABLE bare ENABLE ROW LEVEL SECURITY" in result.output
    assert "short on notes: ALTER TABLE notes VALIDATE CONSTRAINT short" in result.output
    found = steps(project.json("verify"))
    assert found["policies-without-rls"]["rows"] == 1
    assert found["invalid-indexes"]["status"] == "passed"


def test_expectations_are_written_held_and_broken(
    project: Sandbox, supabase_db: Database, tmp_path: Path
) -> None:
    assert project.to_target("apply", "--yes").exit_code == 0
    picture = tmp_path / "matrix.svg"
    first = project.to_target("verify", "--write", "--picture", str(picture))
    assert first.exit_code == 0, first.output
    assert "public.notes" in first.output
    assert "in transactions that were rolled back" in first.output
    assert picture.read_text().startswith("<svg")
    pins = (project.folder / "rls.toml").read_text()
    assert 'owner = { select = "own", insert = "own", update = "own", delete = "own" }' in pins
    assert project.to_target("verify").exit_code == 0
    supabase_db.execute("CREATE POLICY peek ON notes FOR SELECT USING (title = 'note')")
    broken = project.json("verify")
    assert broken["_exit"] == 6
    assert [hole["kind"] for hole in broken["rls"]["holes"]] == ["or-ed"]
    assert (
        "anon select on public.notes: expected none, found all (allowed 6 of 6 rows)"
        in broken["rls"]["mismatches"]
    )
    assert project.to_target("verify", "--no-rls").exit_code == 0


def test_a_finding_is_accepted_with_a_reason(project: Sandbox, supabase_db: Database) -> None:
    assert project.to_target("apply", "--yes").exit_code == 0
    supabase_db.execute("CREATE POLICY peek ON notes FOR SELECT USING (true)")
    assert project.to_target("verify", "--rls").exit_code == 6
    (project.folder / "rls.toml").write_text(
        '[[accept]]\nhole = "or-ed"\non = "public.notes"\nreason = "notes are read by all"\n'
    )
    document = project.json("verify", "--rls")
    assert document["_exit"] == 0
    assert [hole["kind"] for hole in document["rls"]["accepted"]] == ["or-ed"]
    (project.folder / "rls.toml").write_text("[other]\n")
    assert project.to_target("verify", "--rls").exit_code == 2


def test_environments_are_compared(project: Sandbox, supabase_db: Database) -> None:
    assert project.to_target("apply", "--yes").exit_code == 0
    document = project.json("verify", "--against", supabase_db.url)
    assert document["_exit"] == 0
    assert document["rls"]["changes"] == []


def test_no_such_version_and_words_that_contradict_each_other(project: Sandbox) -> None:
    assert project.to_target("verify", "20990101000000").exit_code == 2
    assert project.to_target("verify", "--no-rls", "--write").exit_code == 2


@pytest.mark.parametrize(
    ("option", "file", "words"),
    [
        ("--picture", "matrix.txt", "draws .svg or .html, not matrix.txt"),
        ("--picture", "missing/matrix.svg", "there is no folder"),
        ("--pgtap", "missing/rls_test.sql", "there is no folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_tried(
    project: Sandbox, tmp_path: Path, option: str, file: str, words: str
) -> None:
    result = project.to_target("verify", option, str(tmp_path / file))
    assert result.exit_code == 2
    assert words in result.output.replace("\n", "")
    assert "probe" not in result.output


def test_a_migration_that_opens_a_table_must_say_so(tmp_path: Path, supabase_db: Database) -> None:
    project = sandbox(tmp_path, supabase_db.url, "supabase")
    project.write("20250101100000", "create_notes", USERS + NOTES + OWN)
    opening = "CREATE POLICY {} ON notes FOR SELECT TO {} USING (title = 'note');"
    project.write("20250102100000", "open_notes", opening.format("peek", "anon"))
    said = "-- lockgate: allow newcomer select on notes all may read\n-- lockgate: allow stranger select on notes all\n"
    project.write("20250103100000", "open_more", said + opening.format("look", "authenticated"))
    told = project.lockgate("test", "--rls", "20250102100000", "20250103100000", "--json")
    assert told.exit_code == 6, told.output
    first, second = json.loads(told.stdout)["migrations"]
    assert first["unannounced"] == ["anon can now read notes (0 → 6 rows)"]
    assert [hole["kind"] for hole in first["holes"]] == ["unbound"]
    assert {change["persona"] for change in second["changes"]} == {"newcomer", "stranger", "owner"}
    assert second["unannounced"] == ["owner can read more rows of notes (3 → 6 rows)"]


def test_the_local_database_is_copied_and_filled(tmp_path: Path) -> None:
    project = sandbox(tmp_path, "", "supabase")
    schema = NOTES.partition("INSERT")[0] + "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;" + OWN
    project.write("20250101100000", "create_notes", schema)
    verify_file(project, "SELECT NOT EXISTS (SELECT FROM notes);")
    try:
        assert project.lockgate("local", "reset").exit_code == 0
        result = project.lockgate("verify", "--rls", "--json")
        document = json.loads(result.stdout)
        assert result.exit_code == 0, result.output
        assert "throwaway copy" in document["rls"]["about"]
        (notes,) = (item for item in document["rls"]["relations"] if item["relation"] == "public.notes")
        cells = {(item["persona"], item["command"]): item for item in notes["cells"]}
        assert notes["rows"] == 12
        assert cells["owner", "select"]["reach"] == "own"
        assert cells["anon", "select"] | {"verdict": "denied by policy", "of": 12} == cells["anon", "select"]
        again = project.lockgate("verify", "20250101100000")
        assert again.exit_code == 0, again.output
    finally:
        project.lockgate("local", "stop", "--delete", "--yes")


def test_a_table_that_is_not_there_proves_nothing(project: Sandbox) -> None:
    assert project.to_target("apply", "--yes").exit_code == 0
    result = project.to_target("verify", "--rls", "--table", "nothing")
    assert result.exit_code == 2, result.output
    assert "there is no table or view nothing to try" in result.output
    assert "public.notes" in result.output
