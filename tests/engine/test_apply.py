from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    return sandbox(tmp_path, pg.url, extra="[locks]\nbudget = 1\nlock_timeout = 0.3\npause = 0.05\n")


VERSIONS = [15, 16, 17, 18]
every_version = pytest.mark.parametrize("pg", VERSIONS, indirect=True)


def test_a_migration_may_end_as_a_role_that_knows_nothing_of_the_journal(
    place: Sandbox, pg: Database
) -> None:
    pg.execute("CREATE ROLE stranger; GRANT CREATE ON SCHEMA public TO stranger")
    text = "SET ROLE stranger;\nCREATE TABLE theirs (n int);\n"
    place.write("20250101090000", "create_theirs", text, "DROP TABLE theirs;")
    place.write("20250101100000", "create_ours", "CREATE TABLE ours (n int);", "DROP TABLE ours;")
    place.write("20250101110000", "be_another", "SET ROLE stranger;\nSELECT 1;", "SET ROLE stranger;")
    try:
        result = place.to_target("apply")
        assert result.exit_code == 0, result.output
        with pg.connect() as connection:
            owners = connection.execute(
                "SELECT relname, relowner::regrole = current_user::regrole FROM pg_class "
                " WHERE relname IN ('ours', 'theirs') ORDER BY 1"
            ).fetchall()
        assert owners == [("ours", True), ("theirs", False)]
    finally:
        pg.execute("DROP OWNED BY stranger CASCADE; DROP ROLE stranger")


def test_a_migration_may_deallocate_what_the_run_has_prepared(place: Sandbox, pg: Database) -> None:
    for number in (1, 2, 3):
        text = f"CREATE TABLE d{number} (n int);\nDEALLOCATE ALL;\nINSERT INTO d{number} VALUES (1), (2);\n"
        place.write(f"2025010109000{number}", f"create_d{number}", text, f"DROP TABLE d{number};")
    result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    with pg.connect() as connection:
        rows = connection.execute("SELECT n FROM d1 UNION ALL SELECT n FROM d2 UNION ALL SELECT n FROM d3")
        assert len(rows.fetchall()) == 6


def test_what_is_refused_in_a_transaction_for_its_table_runs_outside(place: Sandbox, pg: Database) -> None:
    table = "CREATE TABLE parts (n int PRIMARY KEY) PARTITION BY RANGE (n);"
    place.write("20250101090000", "create_parts", table, "DROP TABLE parts;")
    place.write("20250101100000", "renew_index", "REINDEX TABLE parts;", "SELECT 1;")
    together = "SELECT 1;\nREINDEX INDEX parts_pkey;\nCLUSTER parts USING parts_pkey;"
    place.write("20250101110000", "renew_both", together, "SELECT 1;")
    result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    proof = place.lockgate("test", "20250101100000", "20250101110000")
    assert proof.exit_code == 0, proof.output


@every_version
def test_a_migration_goes_all_the_way_and_back(place: Sandbox, pg: Database) -> None:
    place.write(
        "20250101090000", "create_users", "CREATE TABLE users (id int PRIMARY KEY);", "DROP TABLE users;"
    )
    place.write(
        "20250101100000", "add_email", "ALTER TABLE users ADD email text;", "ALTER TABLE users DROP email;"
    )

    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        assert connection.execute("SELECT count(email) FROM users").fetchone() == (0,)
    assert place.json("status")["summary"] == {"applied": 2, "pending": 0, "unfinished": 0, "problems": 0}

    back = place.to_target("rollback", "to", "20250101090000")
    assert back.exit_code == 0, back.output
    with pg.connect() as connection:
        columns = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped"
        ).fetchall()
    assert columns == [("id",)]
    assert [m["status"] for m in place.json("status")["migrations"]] == ["applied", "pending"]


def test_a_failing_statement_leaves_nothing_behind(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "break_it", "CREATE TABLE a (id int);\nSELECT 1/0;\n")
    result = place.to_target("apply")
    assert result.exit_code == 1
    assert "Stopped at step 2 of 2" in result.output
    assert "division by zero" in result.output
    assert "Traceback" not in result.output
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('a')").fetchone() == (None,)
    assert place.json("status")["summary"]["unfinished"] == 1

    gone = place.write("20250101090000", "break_it", "CREATE TABLE a (id int);\nSELECT 1;\n")
    text = gone.read_text()
    gone.unlink()
    refused = place.to_target("apply")
    assert refused.exit_code == 5
    assert "nothing of it is in the database" in refused.output
    gone.write_text(text)
    assert "1 pending" in place.to_target("apply", "--dry-run").output
    assert place.to_target("apply").exit_code == 0, "the corrected file begins anew"
    assert place.json("status")["summary"]["unfinished"] == 0


DONE = "CREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (1);\n"


@pytest.mark.parametrize(
    ("corrected", "code", "rows"),
    [
        (f"{DONE}INSERT INTO a VALUES (2), (3);\n", 0, 3),
        ("CREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (7);\n", 5, 1),
        (f"BEGIN;\n{DONE.splitlines()[1]}\nINSERT INTO a VALUES (2);\nCOMMIT;\n", 5, 1),
    ],
)
def test_a_file_that_is_corrected_half_way_goes_on_behind_what_is_done(
    corrected: str, code: int, rows: int, place: Sandbox, pg: Database
) -> None:
    pg.execute("CREATE TABLE a (id int)")
    place.write(
        "20250101090000", "index_it", f"-- lockgate: no-transaction\n{DONE}INSERT INTO a SELECT 1 / 0;\n"
    )
    assert place.to_target("apply").exit_code == 1
    place.write("20250101090000", "index_it", f"-- lockgate: no-transaction\n{corrected}")
    again = place.to_target("apply")
    assert again.exit_code == code, again.output
    assert code == 0 or "its file does not begin with what is done: CREATE INDEX" in again.output
    assert place.json("recover")["_exit"] == (8 if code else 0)
    with pg.connect() as connection:
        assert connection.execute("SELECT count(*) FROM a").fetchone() == (rows,)


def test_what_a_statement_left_half_done_goes_when_the_corrected_file_has_it_no_more(
    place: Sandbox, pg: Database
) -> None:
    pg.execute("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)")
    place.write("20250101090000", "index_it", "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n")
    assert place.to_target("apply").exit_code == 1
    with pg.connect() as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)")
    place.write("20250101090000", "index_it", "CREATE INDEX CONCURRENTLY a_id_plain ON a (id);\n")
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        names = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'i' AND relname ~ '^a_'")
        assert names.fetchall() == [("a_id_plain",)]


def test_an_index_is_built_outside_a_transaction_and_an_invalid_one_is_replaced(
    place: Sandbox, pg: Database
) -> None:
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int)")
        connection.execute("INSERT INTO t VALUES (1), (1)")
    place.write("20250101090000", "add_index", "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);\n")
    failed = place.to_target("apply")
    assert failed.exit_code == 1
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('t_a')").fetchone() == (None,), (
            "the invalid index is gone"
        )
        connection.execute("TRUNCATE t")
    again = place.to_target("apply")
    assert again.exit_code == 0, again.output
    with pg.connect() as connection:
        row = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass"
        ).fetchone()
    assert row == (True,)


def test_a_held_lock_uses_up_the_budget_and_names_the_holder(place: Sandbox, pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int)")
    place.write("20250101090000", "add_column", "ALTER TABLE t ADD b int;")
    with pg.connect(autocommit=False, application_name="long-report") as holder:
        holder.execute("SELECT * FROM t WHERE a = 4711")
        result = place.to_target("apply")
    assert result.exit_code == 4, result.output
    assert "long-report" in result.output
    assert "4711" not in result.output
    assert place.to_target("apply").exit_code == 0


def test_the_holder_is_named_when_it_is_a_prepared_transaction(place: Sandbox, pg: Database) -> None:
    place.write("20260101090000", "create_t", "CREATE TABLE t (id int);")
    assert place.to_target("apply").exit_code == 0
    place.write("20260101090001", "add_b", "ALTER TABLE t ADD COLUMN b int;")
    with pg.connect() as other:
        other.execute(f"BEGIN; LOCK TABLE t IN SHARE MODE; PREPARE TRANSACTION '{pg.name}-forgotten'")
        try:
            result = place.to_target("apply")
            assert result.exit_code == 4, result.output
            assert f"{pg.name}-forgotten" in result.output
        finally:
            other.execute(f"ROLLBACK PREPARED '{pg.name}-forgotten'")
    assert place.to_target("apply").exit_code == 0


def test_an_edited_file_is_refused_and_a_comment_is_not(place: Sandbox) -> None:
    path = place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\n", "DROP TABLE a;")
    assert place.to_target("apply").exit_code == 0
    path.write_text("-- a remark\nCREATE TABLE a (id int);\n")
    assert place.to_target("apply").exit_code == 0
    path.write_text("CREATE TABLE a (id bigint);\n")
    refused = place.to_target("apply")
    assert refused.exit_code == 5
    assert "edited after it was applied" in refused.output
    shown = place.to_target("history", "20250101090000")
    assert "+CREATE TABLE a (id bigint);" in shown.output
    assert place.to_target("repair", "20250101090000", "--checksum").exit_code == 0
    assert place.to_target("apply").exit_code == 0


def test_a_version_that_is_unknown_here_is_refused(place: Sandbox) -> None:
    path = place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    assert place.to_target("apply").exit_code == 0
    path.unlink()
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);")
    refused = place.to_target("apply")
    assert refused.exit_code == 5
    assert "not among the files" in refused.output
    assert place.to_target("repair", "20250101090000", "--reverted").exit_code == 0
    assert place.to_target("apply").exit_code == 0


def test_older_files_wait_for_permission(place: Sandbox) -> None:
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);")
    assert place.to_target("apply").exit_code == 0
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    assert place.to_target("apply").exit_code == 5
    assert place.to_target("apply", "--out-of-order").exit_code == 0


def test_a_half_applied_migration_is_shown_finished_or_undone(place: Sandbox, pg: Database) -> None:
    text = "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nCREATE TABLE b AS SELECT 1 / n AS x FROM zero;\n"
    place.write("20250101090000", "create_two", text, "DROP TABLE b; DROP TABLE a;")
    with pg.connect() as connection:
        connection.execute("CREATE TABLE zero (n int); INSERT INTO zero VALUES (0)")
    assert place.to_target("apply").exit_code == 1
    shown = place.json("recover")
    assert shown["_exit"] == 8
    assert [step["state"] for step in shown["unfinished"][0]["steps"]] == ["done", "not done"]

    assert place.to_target("recover", "--undo").exit_code == 0
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('a'), to_regclass('b')").fetchone() == (None, None)
        assert place.to_target("apply").exit_code == 1
        connection.execute("UPDATE zero SET n = 1")
    assert place.to_target("recover", "--finish").exit_code == 0
    assert place.json("status")["summary"]["applied"] == 1


def test_a_gate_stops_until_it_is_opened(place: Sandbox) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    place.write("20250102090000", "drop_a", '-- lockgate: gate "the old application is gone"\nDROP TABLE a;')
    stopped = place.to_target("apply")
    assert stopped.exit_code == 8
    assert "the old application is gone" in stopped.output
    name = place.json("gate", "list")["gates"][0]["name"]
    assert place.to_target("gate", "open", name).exit_code == 0
    assert place.to_target("apply").exit_code == 0


def test_rollback_begins_only_when_every_step_back_is_there(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);", "DROP TABLE b;")
    assert place.to_target("apply").exit_code == 0
    refused = place.to_target("rollback", "to", "0")
    assert refused.exit_code == 8
    with pg.connect() as connection:
        assert connection.execute("SELECT to_regclass('b') IS NOT NULL").fetchone() == (True,)


def test_a_second_runner_gets_a_clear_answer(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x6C6B67743A6C7365])
        place.write("20250102090000", "create_b", "CREATE TABLE b (id int);")
        refused = place.to_target("apply")
    assert refused.exit_code == 8
    assert "is at work on this database since" in refused.output


def test_a_supabase_project_writes_the_history_that_the_cli_reads(
    tmp_path: Path, supabase_db: Database
) -> None:
    place = sandbox(tmp_path, supabase_db.url, platform="supabase")
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\nSELECT 1;", "DROP TABLE a;")
    place.write("20250101100000", "create_b", "CREATE TABLE b (id int);", "DROP TABLE b;")
    applied = place.to_target("apply")
    assert applied.exit_code == 0, applied.output
    query = "SELECT version, name, statements FROM supabase_migrations.schema_migrations ORDER BY 1"
    with supabase_db.connect() as connection:
        assert connection.execute(query).fetchall() == [
            ("20250101090000", "create_a", ["CREATE TABLE a (id int)", "SELECT 1"]),
            ("20250101100000", "create_b", ["CREATE TABLE b (id int)"]),
        ]
        assert place.to_target("rollback", "to", "20250101090000").exit_code == 0
        assert len(connection.execute(query).fetchall()) == 1


@every_version
def test_what_one_file_sets_does_not_reach_the_next(place: Sandbox, pg: Database) -> None:
    place.write(
        "20250101090000",
        "set_all",
        "SET default_transaction_isolation = 'serializable';\nSET default_transaction_deferrable = on;\n"
        "SET search_path = pg_catalog;\nSET statement_timeout = 1234;\nSET default_transaction_read_only = on;\n",
    )
    place.write(
        "20250102090000",
        "note_settings",
        "CREATE TABLE noted AS SELECT current_setting('transaction_isolation') AS level,"
        " current_setting('search_path') AS path, current_setting('statement_timeout') AS patience;\n",
    )
    applied = place.to_target("apply")
    assert applied.exit_code == 0, applied.output
    with pg.connect() as connection:
        noted = connection.execute("SELECT level, path, patience <> '1234ms' FROM noted").fetchone()
    assert noted == ("read committed", '"$user", public', True)
