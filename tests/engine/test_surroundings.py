"""What is said before the first migration, and a schema that is ahead of its history."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.journal.witness import NOTE


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    return sandbox(tmp_path, pg.url)


def remarks(place: Sandbox) -> list[str]:
    document = place.json("apply", "--dry-run")
    return [f"{remark['severity']}: {remark['text']}" for remark in document["remarks"]]


def test_event_triggers_are_listed_before(place: Sandbox, pg: Database) -> None:
    pg.execute(
        "CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION note_ddl();"
        "CREATE EVENT TRIGGER sleeping ON ddl_command_end EXECUTE FUNCTION note_ddl();"
        "ALTER EVENT TRIGGER sleeping DISABLE"
    )
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    (said,) = remarks(place)
    assert said.startswith("warning: event trigger watch_ddl runs note_ddl() at ddl_command_end")
    assert "watch_ddl" in place.to_target("apply").stderr
    assert remarks(place) == []


def test_subscribers_are_named_before_a_column_changes_its_type(place: Sandbox, pg: Database) -> None:
    pg.execute(
        "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE quiet (id int); CREATE PUBLICATION p FOR TABLE a"
    )
    place.write(
        "20250101090000", "widen_both", "ALTER TABLE a ALTER n TYPE bigint;\nALTER TABLE quiet ADD n int;"
    )
    published, cached = remarks(place)
    assert published.startswith("warning: public.a is published (p; 0 logical slots)")
    assert "ALTER n TYPE" in published
    assert cached.startswith("note: sessions that keep SELECT * of public.a, public.quiet prepared fail once")


def test_the_hint_about_cached_plans_is_true(pg: Database) -> None:
    pg.execute("CREATE TABLE a (id int)")
    with pg.connect() as connection:
        connection.execute("PREPARE everything AS SELECT * FROM a")
        connection.execute("EXECUTE everything")
        pg.execute("ALTER TABLE a ADD n int")
        with pytest.raises(
            psycopg.errors.FeatureNotSupported, match="cached plan must not change result type"
        ):
            connection.execute("EXECUTE everything")


def test_tables_of_the_files_themselves_need_no_remark(place: Sandbox) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\nALTER TABLE a ADD n int;")
    place.write("20250102090000", "widen_a", "ALTER TABLE a ALTER n TYPE bigint;")
    assert remarks(place) == []


def test_a_lost_journal_is_noticed_and_nothing_is_done_again(place: Sandbox, pg: Database) -> None:
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);\nCREATE TABLE b (id int);")
    place.write("20250102090000", "fill_a", "INSERT INTO a VALUES (1);")
    assert place.to_target("apply").exit_code == 0
    pg.execute(f"DROP SCHEMA lockgate CASCADE; SELECT lo_unlink({NOTE})")
    for words in (("apply",), ("apply", "--dry-run")):
        refused = place.to_target(*words)
        assert refused.exit_code == 5, refused.output
        assert "The schema is ahead of the history" in refused.output
        assert "public.a, public.b" in refused.output
    assert place.to_target("baseline").exit_code == 0
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_a_history_that_is_behind_the_schema_is_noticed(place: Sandbox, pg: Database) -> None:
    """As after a failover to a copy of the journal that was made earlier than the schema."""
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);")
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);")
    assert place.to_target("apply").exit_code == 0
    pg.execute("DELETE FROM lockgate.migration WHERE version = '20250102090000'")
    refused = place.to_target("apply")
    assert refused.exit_code == 5, refused.output
    assert "the history ends at 20250101090000" in refused.output


def test_a_file_that_makes_room_first_is_left_to_the_server(place: Sandbox, pg: Database) -> None:
    pg.execute("CREATE TABLE a (id int); CREATE TABLE c (id int)")
    place.write(
        "20250101090000",
        "renew_a",
        "CREATE TABLE IF NOT EXISTS c (id int);\nDROP TABLE a;\nCREATE TABLE a (id bigint);",
    )
    applied = place.to_target("apply")
    assert applied.exit_code == 0, applied.output


def test_postgrest_is_told_after_each_file(tmp_path: Path, pg: Database) -> None:
    """On a server without the platform's own event triggers, which would tell it a second time."""
    place = sandbox(tmp_path, pg.url, platform="supabase")
    place.write("20250101090000", "create_a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    place.write(
        "20250102090000", "create_b", "CREATE TABLE b (id int);\nCREATE INDEX CONCURRENTLY b_id ON b (id);"
    )
    with pg.connect() as listener:
        listener.execute("LISTEN pgrst")
        assert place.to_target("apply").exit_code == 0
        heard = [n.payload for n in listener.notifies(timeout=1, stop_after=3)]
    assert heard == ["reload schema"] * 2
