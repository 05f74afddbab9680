"""What the server refuses is not planned, and what a plan makes possible is not refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config import load
from lockgate.errors import UsageError
from lockgate.migration.files import discover
from lockgate.planning.changes import Change
from lockgate.planning.propose import Setting, propose
from lockgate.workflow import looking
from lockgate.workflow.looking import looking_at_files
from lockgate.workflow.trying import refuse_impossible

pytestmark = pytest.mark.server

SCHEMA = """CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE TABLE public.users (id bigint PRIMARY KEY, name text, age int DEFAULT 1, mood public.mood);
CREATE TABLE public.orders (id int PRIMARY KEY, user_id bigint REFERENCES public.users, note text);
CREATE VIEW public.names AS SELECT id, name FROM public.users;
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER touch BEFORE UPDATE OF name ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch();
"""
REFUSED = {
    "ALTER TABLE users ADD COLUMN c nothing": 'type "nothing" does not exist',
    "ALTER TABLE users ALTER age TYPE nothing": 'type "nothing" does not exist',
    'ALTER TABLE users ALTER name TYPE text COLLATE "nothing"': 'collation "nothing" for encoding',
    "ALTER TABLE users ALTER age TYPE jsonb": "cannot cast type integer to jsonb",
    "ALTER TABLE users ADD COLUMN c int DEFAULT 'abc'": "invalid input syntax for type integer",
    "CREATE INDEX ON users (lower(age))": "function lower(integer) does not exist",
    "ALTER TABLE users ADD CHECK (nothing > 1)": 'column "nothing" does not exist',
    "ALTER TABLE users ADD COLUMN c text; ALTER TABLE users ADD CHECK (c > 1)": "operator does not exist",
    "ALTER TABLE orders INHERIT users": 'different type for column "id"',
    "ALTER TABLE orders ADD FOREIGN KEY (note) REFERENCES users": "cannot be implemented",
    "DROP TYPE mood": "column mood of table users depends on type mood",
    "DROP FUNCTION touch()": "trigger touch on table users depends on function touch()",
    "ALTER TABLE users DROP CONSTRAINT users_pkey": "depends on index users_pkey",
}
PLANNED = (
    "ALTER TABLE users ALTER name TYPE varchar(20)",
    "ALTER TABLE users ALTER name TYPE int",
    "ALTER TABLE users ALTER id TYPE numeric",
    "CREATE OR REPLACE VIEW names AS SELECT name, id FROM users",
    "ALTER TABLE users ADD COLUMN c int; CREATE INDEX CONCURRENTLY ON users (c)",
    "BEGIN; ALTER TABLE users ADD COLUMN c int; COMMIT",
    (
        "split users.name into first, last"
        " using split_part(name, ' ', 1), split_part(name, ' ', 2) back concat_ws(' ', first, last)"
    ),
)


class Planner:
    """Plans statements on the schema, and asks one server about all of them."""

    def __init__(self, place: Sandbox) -> None:
        place.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
        config = load(place.folder)
        self.migrations = discover(config).migrations
        self.looking = looking_at_files(config, self.migrations, Options().major)

    def __enter__(self) -> Planner:
        self.server = self.looking.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.looking.__exit__(None, None, None)

    def plan(self, sql: str) -> Change:
        history = tuple(Source.from_migration(one) for one in self.migrations)
        options = Options()
        change = propose(sql, Setting(options, history, look=self.server.look))
        refuse_impossible(sql, change, options.major, self.server.refused)
        return change


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    place = sandbox(tmp_path_factory.mktemp("trying"), "postgresql://nobody@127.0.0.1:1/nothing")
    with Planner(place) as found:
        yield found


def test_what_the_server_refuses_is_said_in_its_words(planner: Planner) -> None:
    for sql, words in REFUSED.items():
        with pytest.raises(UsageError) as refused:
            planner.plan(sql)
        assert words in f"{refused.value.message} {refused.value.why}", sql
        assert refused.value.next_steps


def test_what_only_a_plan_can_do_is_planned(planner: Planner) -> None:
    for sql in PLANNED:
        planner.plan(sql)


def test_what_takes_long_is_not_waited_for(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PATIENCE", "50ms")
    assert planner.plan("SELECT pg_sleep(3600)").parts
    found = planner.server.refused(["SELECT pg_sleep(3600)"])
    assert found is not None
    assert found.sqlstate == "57014"


def test_a_trigger_that_waits_for_one_name_is_told(planner: Planner) -> None:
    renamed, other = (planner.plan(f"ALTER TABLE users RENAME {name} TO fresh") for name in ("name", "age"))
    assert any("UPDATE OF name do not fire" in note and note.endswith(": touch") for note in renamed.notes)
    assert not any("do not fire" in note for note in other.notes)


def test_the_command_ends_with_one_message(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    place.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
    result = place.lockgate("plan", "DROP FUNCTION touch()", "--write")
    assert result.exit_code == 2
    assert "refuses this: cannot drop function touch()" in result.output
    assert len(list((place.folder / "migrations").iterdir())) == 1
