"""The commands with a target: its real schema decides, its size and traffic are said, who is in the way is named."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

pytestmark = pytest.mark.server

DASHBOARD = """
    CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), amount int NOT NULL);
    INSERT INTO orders SELECT g, 'note', g FROM generate_series(1, 3000) g;
    ANALYZE orders
"""
"""What somebody made by hand: no file of the project knows it."""


@pytest.fixture
def project(tmp_path: Path, pg: Database) -> Sandbox:
    pg.execute(DASHBOARD)
    return sandbox(tmp_path, pg.url)


def quick(project: Sandbox, *words: str) -> dict[str, Any]:
    return project.json(*words, "--no-calibration", "--seconds", "0")


def findings(document: dict[str, Any]) -> dict[str, str]:
    return {entry["rule"]: entry["severity"] for entry in document["findings"]}


def test_tables_of_the_dashboard_are_judged_as_they_are(project: Sandbox) -> None:
    """Growing a varchar rewrites nothing; without the target nobody can know that it is one."""
    project.write(
        "20260101100000",
        "widen_note",
        """
        ALTER TABLE orders ALTER COLUMN note TYPE varchar(40);
        ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
        """,
    )
    blind = json.loads(project.lockgate("check", "--json").stdout)
    seeing = quick(project, "check")
    (before, _), (widened, changed) = (
        [entry["relations"][0] for entry in document["forecasts"]] for document in (blind, seeing)
    )
    assert before["rewrite"]
    assert not widened["rewrite"]
    assert changed["rewrite"]


def test_a_not_valid_constraint_of_the_target_is_known(project: Sandbox, pg: Database) -> None:
    project.write("20260101100000", "require", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;")
    assert "set-not-null-scan" in findings(quick(project, "check"))
    pg.execute("ALTER TABLE orders ADD CHECK (note IS NOT NULL)")
    assert "set-not-null-scan" not in findings(quick(project, "check"))


def test_sizes_are_those_of_the_target(project: Sandbox, pg: Database) -> None:
    project.write("20260101100000", "require", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;")
    document = quick(project, "check")
    (forecast,) = document["forecasts"]
    (orders,) = forecast["impact"]["relations"]
    with pg.connect() as connection:
        sizes = connection.execute(
            "SELECT pg_relation_size('orders'), pg_relation_size('orders_pkey')"
        ).fetchone()
    assert (orders["name"], orders["rows"], orders["work"]) == ("public.orders", 3000, ["scan"])
    assert (orders["bytes"], orders["index_bytes"]) == sizes
    seconds = orders["seconds"]
    assert 0 < seconds["low"] <= seconds["likely"] <= seconds["high"]
    assert document["target"]["name"] == "target"
    assert document["target"]["live"]
    assert not document["target"]["calibrated"]


def test_a_small_table_makes_the_finding_lighter(project: Sandbox) -> None:
    project.write("20260101100000", "require", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;")
    blind = json.loads(project.lockgate("check", "--json").stdout)
    seeing = quick(project, "check")
    assert findings(blind)["set-not-null-scan"] == "error"
    assert findings(seeing)["set-not-null-scan"] == "warning"
    assert seeing["summary"]["errors"] == 0
    assert {f["fingerprint"] for f in blind["findings"]} >= {f["fingerprint"] for f in seeing["findings"]}


def test_who_is_in_the_way_is_named_and_weighs(project: Sandbox, pg: Database) -> None:
    project.write("20260101100000", "require", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;")
    with pg.connect(autocommit=False, application_name="metabase") as other:
        other.execute("SELECT FROM orders")
        time.sleep(1.1)  # what is open for less than a second is the ordinary traffic
        document = quick(project, "check")
        text = project.to_target("check", "--no-calibration", "--seconds", "0").stdout
        pid = other.info.backend_pid
    (blocker,) = document["forecasts"][0]["impact"]["blockers"]
    assert (blocker["pid"], blocker["application"]) == (pid, "metabase")
    assert (blocker["relation"], blocker["lock"]) == ("public.orders", "AccessShareLock")
    assert findings(document)["set-not-null-scan"] == "error", "it would wait, and others behind it"
    assert f"pid {pid}" in text
    assert "idle in transaction" in text


def test_only_what_is_pending_is_checked_unless_a_file_is_named(project: Sandbox) -> None:
    applied = project.write(
        "20260101100000", "one", "CREATE TABLE one (id int PRIMARY KEY);", "DROP TABLE one;"
    )
    assert project.to_target("apply").exit_code == 0
    project.write("20260102100000", "two", "ALTER TABLE one ADD COLUMN two int;")
    files = [entry["file"] for entry in quick(project, "check")["migrations"]]
    assert [Path(name).name for name in files] == ["20260102_100000_two.sql"]
    named = [entry["file"] for entry in quick(project, "check", str(applied))["migrations"]]
    assert [Path(name).name for name in named] == [applied.name]


def test_pending_files_are_replayed_on_the_real_schema(project: Sandbox) -> None:
    project.write("20260101100000", "one", "ALTER TABLE orders ADD COLUMN sent int;")
    project.write("20260102100000", "two", "ALTER TABLE orders ALTER COLUMN sent TYPE bigint;")
    forecasts = quick(project, "check")["forecasts"]
    assert [entry["relations"][0]["rewrite"] for entry in forecasts] == [False, True]


@pytest.mark.parametrize(("zone", "rewrite"), [("UTC", False), ("Europe/Berlin", True)])
def test_what_a_session_of_the_target_begins_with_decides(
    zone: str, rewrite: bool, project: Sandbox, pg: Database
) -> None:
    """A timestamp becomes a timestamptz without a rewrite where the time zone is UTC."""
    pg.execute(
        f"ALTER TABLE orders ADD COLUMN sent timestamp; ALTER DATABASE {pg.name} SET timezone = '{zone}'"
    )
    project.write("20260101100000", "zone", "ALTER TABLE orders ALTER COLUMN sent TYPE timestamptz;")
    (forecast,) = quick(project, "check")["forecasts"]
    assert forecast["relations"][0]["rewrite"] is rewrite
    assert quick(project, "explain")["plans"][0]["phases"][0]["steps"][0]["locks"][0]["rewrite"] is rewrite


def test_explain_says_what_each_step_means(project: Sandbox) -> None:
    project.write(
        "20260101100000",
        "widen",
        "ALTER TABLE orders ADD COLUMN sent date;\nALTER TABLE orders ALTER COLUMN amount TYPE bigint;",
    )
    (plan,) = quick(project, "explain")["plans"]
    first, second = plan["impact"].values()
    assert first["relations"] == []
    assert [entry["work"] for entry in second["relations"]] == [["rewrite", "index build"]]
    assert first["held_seconds"]["high"] > second["held_seconds"]["high"], "both end with the transaction"
    text = project.to_target("explain", "--no-calibration", "--seconds", "0").stdout
    assert "3,000 rows" in text
    assert "target, as it is now; not calibrated" in text


def test_a_plan_stands_beside_the_change_as_it_was_written(project: Sandbox) -> None:
    document = quick(project, "plan", "ALTER TABLE orders ALTER COLUMN amount TYPE bigint")
    written, parts = document["impact"]["as_written"], document["impact"]["parts"]
    assert written[0]["impact"]["relations"][0]["work"] == ["rewrite", "index build"]
    assert len(parts) == len(document["parts"]) > 1
    work = {word for part in parts for f in part for r in f["impact"]["relations"] for word in r["work"]}
    assert "rewrite" not in work
    assert (
        "as written"
        in project.to_target("plan", "index orders (note)", "--no-calibration", "--seconds", "0").stdout
    )


def test_a_plan_of_what_is_applied_says_so(project: Sandbox) -> None:
    path = project.write("20260101100000", "more", "ALTER TABLE orders ADD COLUMN sent int;")
    assert project.to_target("apply").exit_code == 0
    said = project.to_target("plan", str(path), "--no-calibration", "--seconds", "0").stdout
    assert "is applied on target already" in " ".join(said.split())


def test_a_file_speaks_for_the_target(project: Sandbox, tmp_path: Path) -> None:
    project.write(
        "20260101100000",
        "more",
        "CREATE TABLE other (id int);\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
    )
    path = tmp_path / "stats.json"
    exported = project.to_target("stats", "export", "--output", str(path), "--seconds", "0")
    assert exported.exit_code == 0, exported.output
    assert "public.orders" in exported.stdout
    document = json.loads(project.lockgate("check", "--stats", str(path), "--json").stdout)
    fresh, scanned = document["forecasts"]
    assert fresh["impact"]["relations"] == []
    assert scanned["impact"]["relations"][0]["rows"] == 3000
    assert not document["target"]["live"]
    assert document["target"]["calibrated"]
    for command in ("explain", "plan"):
        words = ["index orders (note)"] if command == "plan" else []
        said = project.lockgate(command, *words, "--stats", str(path)).stdout
        assert "as it was at" in said
        assert "calibrated there" in said


def test_other_formats_say_it_in_the_finding(project: Sandbox) -> None:
    project.write("20260101100000", "require", "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;")
    words = ("check", "--no-calibration", "--seconds", "0", "--format", "sarif")
    document = json.loads(project.to_target(*words).stdout)
    texts = [result["message"]["text"] for result in document["runs"][0]["results"]]
    assert any("scan of public.orders" in text and "3,000 rows" in text for text in texts)


def test_export_writes_to_the_standard_output(project: Sandbox) -> None:
    quickly = ("stats", "export", "--no-calibration", "--seconds", "0")
    plain = json.loads(project.to_target(*quickly).stdout)
    machine = project.json(*quickly)
    assert plain["format"] == machine["format"] == "lockgate-statistics"
    assert "public.orders" in {table["name"] for table in plain["tables"]}


def test_a_target_or_a_file(project: Sandbox) -> None:
    result = project.to_target("check", "--stats", "stats.json")
    assert result.exit_code == 2
    assert "give one of them" in result.stderr


def test_locks_on_indexes_are_shown(project: Sandbox) -> None:
    """Rebuilding an index takes a weak lock on its table and the strongest one on the index itself."""
    project.write(
        "20260101100000",
        "rebuild",
        "CREATE TABLE t (id int);\nCREATE INDEX t_id ON t (id);",
    )
    project.write("20260102100000", "again", "REINDEX INDEX t_id;")
    document = json.loads(project.lockgate("check", "--json").stdout)
    (forecast,) = [entry for entry in document["forecasts"] if entry["kind"] == "ReindexStmt"]
    assert {lock["name"]: lock["lock"] for lock in forecast["attached"]} == {
        "public.t_id": "AccessExclusiveLock"
    }
    assert forecast["blocks"] == "reads and writes"
    assert "AccessExclusive on public.t_id" in project.lockgate("check").stdout
