"""What ``plan --versions`` proposes: names, what it refuses, chains, and Plans that survive their JSON form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.planning.measured import plan_of
from tests.projects import Sandbox, sandbox
from tests.servers import Database

import lockgate.catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config.load import load
from lockgate.errors import UsageError
from lockgate.migration.files import discover
from lockgate.planning.changes import Change
from lockgate.planning.plan import PhaseKind, Plan
from lockgate.planning.propose import Setting, propose
from lockgate.planning.versions.naming import Versions, mark, read_mark

SCHEMA = """\
CREATE TABLE public.users (id bigint PRIMARY KEY, name text, "Nick" text);
CREATE VIEW public.names AS SELECT id, name FROM public.users;
CREATE TABLE public.visits (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE public.visits_2026 PARTITION OF public.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TABLE public.feelings (id bigint PRIMARY KEY, mood public.mood);
CREATE SCHEMA app;
CREATE TABLE app.jobs (id bigint PRIMARY KEY);
"""


def project(folder: Path, extra: str = "") -> Sandbox:
    """A project that is never applied anywhere but on the throwaway server of ``plan``."""
    place = sandbox(folder, "postgresql://nobody@127.0.0.1:1/nothing", extra=extra)
    place.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
    return place


def planned(place: Sandbox, *words: str) -> dict[str, Any]:
    """The document of a plan, or of its error."""
    found: dict[str, Any] = json.loads(place.lockgate("plan", *words, "--versions", "--json").stdout)
    return found


def views(document: dict[str, Any]) -> list[str]:
    """The statements of a plan that make views, each in one line."""
    statements = [sql for part in document["parts"] for sql in part["sql"]]
    return [" ".join(sql.split()) for sql in statements if sql.startswith("CREATE VIEW")]


def test_every_served_schema_gets_a_version_under_the_name_that_the_project_says(tmp_path: Path) -> None:
    extra = '\n[planning]\nschemas = ["public", "app"]\nversion_schema = "{version}_{schema}"\n'
    document = planned(project(tmp_path, extra), 'rename users."Nick" to nick', "--version-name", "winter")
    view = "CREATE VIEW winter_public.users WITH (security_invoker = true)"
    assert views(document)[-4:] == [
        "CREATE VIEW winter_public.names WITH (security_invoker = true) AS SELECT id, name FROM public.names",
        f'{view} AS SELECT id, name, "Nick" AS nick FROM public.users',
        "CREATE VIEW winter_public.visits WITH (security_invoker = true) AS SELECT at FROM public.visits",
        "CREATE VIEW winter_app.jobs WITH (security_invoker = true) AS SELECT id FROM app.jobs",
    ]
    assert "v1_public, v1_app" in document["parts"][1]["gate"]
    assert document["parts"][0]["application"].endswith("begins with winter_public, winter_app")


def test_a_written_plan_is_the_version_of_before_for_the_next_one(tmp_path: Path) -> None:
    place = project(tmp_path)
    first = place.lockgate("plan", "rename users.name to full_name", "--versions", "--write")
    assert first.exit_code == 0, first.output
    plain = place.write("20990101090000", "add_mood", "ALTER TABLE public.users ADD COLUMN mood text;", "")
    document = planned(place, "ALTER TABLE users ALTER mood SET DEFAULT 'ok'")
    new = 'CREATE VIEW public_v3.users WITH (security_invoker = true) AS SELECT id, full_name, "Nick", mood'
    assert [sql for sql in views(document) if "users" in sql] == [f"{new} FROM public.users"]
    assert "DROP VIEW public_v2.users" in document["parts"][-1]["sql"]
    assert any('full_name, "Nick" FROM public.users' in sql for sql in document["parts"][-1]["rollback"])
    word = "public has a version v2 in public_v2"
    unasked = json.loads(place.lockgate("plan", "drop users.mood", "--json").stdout)["notes"]
    assert [note for note in unasked if "version" in note and note.startswith(word)] == unasked[-1:]
    plain.write_text("COMMENT ON SCHEMA app IS '" + mark("public", "v1") + "';")
    assert planned(place, "drop users.mood")["message"] == "there are two versions already: v1 and v2"


def proposed(pg: Database, change: str, schema: str = SCHEMA, major: int = 17) -> Change:
    """What versions make of a change of a schema, as a server has it."""
    with pg.connect() as connection:
        connection.execute(schema.encode())
        snapshot = lockgate.catalog.read(connection)
    history = (Source.from_text(schema),)
    asked = Setting(
        Options(major=major), history, look=lambda before: None if before else snapshot, versions=Versions()
    )
    return propose(change, asked)


def test_a_schema_that_has_a_version_gets_the_next_one_unasked(pg: Database) -> None:
    shown = "CREATE VIEW app_v1.jobs WITH (security_invoker = true) AS SELECT id FROM app.jobs;\n"
    made = f"CREATE SCHEMA app_v1;\nCOMMENT ON SCHEMA app_v1 IS '{mark('app', 'v1')}';\n"
    change = proposed(pg, "ALTER TABLE app.jobs RENAME id TO number", SCHEMA + made + shown)
    new = "CREATE VIEW app_v2.jobs WITH (security_invoker = true) AS\n  SELECT id AS number FROM app.jobs"
    assert new in change.parts[0].sql
    assert {"DROP VIEW app_v1.jobs", "DROP SCHEMA public_v1"} < set(change.parts[-1].sql)


def test_a_table_that_no_version_shows_is_changed_as_without_versions(pg: Database) -> None:
    change = proposed(pg, "ALTER TABLE app.jobs RENAME id TO number")
    statements = [sql for part in change.parts for sql in part.sql]
    assert any("zz_lockgate_sync" in sql for sql in statements)
    assert not any("number" in sql for sql in statements if sql.startswith("CREATE VIEW"))


def test_the_old_version_goes_in_the_phase_of_the_gate_that_it_shares(pg: Database) -> None:
    change = proposed(pg, "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'")
    gated = next(part for part in change.parts if part.gate)
    assert gated.kind is PhaseKind.MIGRATE
    assert "DROP SCHEMA public_v1" in gated.sql


def test_a_new_table_comes_before_its_index_and_its_view() -> None:
    history = (Source.from_text(SCHEMA),)
    made = "CREATE TABLE public.notes (id bigint PRIMARY KEY, owner bigint REFERENCES public.users (id))"
    sql = [sql for part in propose(made, Setting(Options(major=17), history)).parts for sql in part.sql]
    assert [one.split()[:2] for one in sql] == [["CREATE", "TABLE"], ["CREATE", "INDEX"]]


def test_plans_of_written_files_keep_their_digest_and_views_lock_weakly(tmp_path: Path) -> None:
    place = project(tmp_path)
    place.lockgate("plan", "rename users.name to full_name", "--versions", "--write")
    config = load(tmp_path / "lockgate.toml")
    for migration in discover(config).migrations[1:]:
        plan = plan_of(config, 17, migration.version)
        assert Plan.from_json(json.loads(plan.canonical_json())).digest == plan.digest
        made = [step for step in plan.steps if step.sql[0].startswith("CREATE VIEW")]
        assert {lock.mode.pg_name for step in made for lock in step.locks} <= {"AccessShareLock"}
    explained = place.lockgate("explain").output
    assert "nothing uses the version v1 any more" in explained


@pytest.mark.parametrize(
    ("change", "major", "message"),
    [
        (
            "ALTER TABLE users DROP name CASCADE; ALTER TABLE users ADD full_name text",
            17,
            "the version v2 cannot be there",
        ),
        (
            "CREATE OR REPLACE VIEW names AS SELECT id, name AS called FROM users",
            17,
            "the version v2 cannot be there",
        ),
        ("ALTER TABLE users DROP name", 14, "versions need PostgreSQL 15"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    pg: Database, change: str, major: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        proposed(pg, change, major=major)
    assert refused.value.why


@pytest.mark.parametrize(
    ("template", "works"),
    [("{schema}_{version}", True), ("app{version}", True), ("{schema}", False), ("{other}_{version}", False),
     ("{version}" + "x" * 62, False), ("{", False)],
)  # fmt: skip
def test_a_template_gives_a_name_that_tells_versions_apart(template: str, works: bool) -> None:
    versions = Versions(template=template)
    if works:
        assert "v7" in versions.schema_of("public", "v7")
    else:
        with pytest.raises(UsageError):
            versions.schema_of("public", "v7")


def test_numbers_are_counted_up_and_other_names_must_be_said() -> None:
    assert Versions().next("v9") == "v10"
    assert Versions().next("2025_09") == "2025_10"
    with pytest.raises(UsageError, match="What follows the version winter"):
        Versions().next("winter")
    for name in ("Next one", "v9"):
        with pytest.raises(UsageError, match=f"{name} cannot be the name of a version"):
            Versions(name=name).next("v9")
    assert read_mark(mark("my schema", "v3")) == ("my schema", "v3")
    assert read_mark("version 3 of our api") is None


def test_without_a_server_to_ask_there_are_no_versions() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        propose("DROP TABLE users", Setting(Options(major=17), versions=Versions()))
