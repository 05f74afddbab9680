"""Words and statements about what is not there, and odd ones: the mistake is named, with what may be meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate import catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.intents import statements_of
from lockgate.planning.propose import Setting, first_that_fits, propose

SCHEMA = """CREATE TABLE public.users (id bigint PRIMARY KEY, name text, "order" text);
CREATE VIEW public.active AS SELECT id, name FROM public.users;
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE FUNCTION public.greet(who text) RETURNS text LANGUAGE sql AS 'SELECT who';
CREATE TABLE public."user" (id bigint PRIMARY KEY, "Mixed" text);
"""

UNKNOWN = (
    ("ALTER TABLE usrs DROP COLUMN name", "there is no table usrs", "users"),
    ("ALTER TABLE users DROP COLUMN nam", "users has no column nam", "name"),
    ("ALTER TABLE users ALTER nam SET NOT NULL", "users has no column nam", "name"),
    ("ALTER TABLE users ALTER nam TYPE bigint", "users has no column nam", "name"),
    ("ALTER TABLE users ADD UNIQUE (nam)", "users has no column nam", "name"),
    ("ALTER TABLE users DROP CONSTRAINT users_pk", "users has no constraint users_pk", "users_pkey"),
    ("ALTER TABLE users RENAME nam TO x", "users has no column nam", "name"),
    ("ALTER TABLE usrs SET SCHEMA app", "there is no table usrs", "users"),
    ("CREATE INDEX ON users (nam)", "users has no column nam", "name"),
    ("UPDATE users SET nam = 'x'", "users has no column nam", "name"),
    ("DELETE FROM usrs", "there is no table usrs", "users"),
    ("TRUNCATE usrs", "there is no table usrs", "users"),
    ("VACUUM FULL usrs", "there is no table usrs", "users"),
    ('DROP TABLE "user", usrs', "there is no table usrs", "users"),
    ("DROP VIEW activ", "there is no table activ", "active"),
    ("DROP INDEX users_pky", "there is no index users_pky", "users_pkey"),
    ("DROP FUNCTION gret(text)", "there is no routine gret", "greet"),
    ("DROP POLICY own ON users", "users has no policy own", ""),
    ("ALTER TYPE mod RENAME VALUE 'sad' TO 'blue'", "there is no type mod", "mood"),
    ("ALTER TYPE mood RENAME VALUE 'sd' TO 'blue'", "mood has no value sd", "sad"),
    ("rename users.nam to given", "users has no column nam", "name"),
    ("rename usrs to people", "there is no table usrs", "users"),
    ("change users.nam to bigint", "users has no column nam", "name"),
    ("require users.nam", "users has no column nam", "name"),
    ("drop users.nam", "users has no column nam", "name"),
    ("drop usrs", "there is no table usrs", "users"),
    ("index usrs (name)", "there is no table usrs", "users"),
    ("unique users (nam)", "users has no column nam", "name"),
    ("partition usrs by hash (id) into 4", "there is no table usrs", "users"),
    ("partition users by hash (idd) into 4", "users has no column idd", "id"),
    ("split usrs into usrs, more (name)", "usrs is no table", "users"),
    ("merge usrs into users", "usrs is no table", "users"),
    ("split active into active, more (name)", "it is a view", ""),
    ("drop pg_class", "belongs to the server itself", ""),
)
ODD = (
    ("", "nothing to plan", ""),
    ("/* only a comment */", "nothing to plan", ""),
    ("missing.sql", "There is no file missing.sql", ""),
    ("20250101_090001", "No migration has the version", ""),
    ("renam users.name to given", "no intent", "rename TABLE.COLUMN to NAME"),
    ("split users in users, more (name)", "no intent", "split TABLE into TABLE, NAME"),
    ("ALTER TABLE users ADD COLUMN", "syntax error", ""),
    ("SELECT 1; SELEC 2", "syntax error", ""),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    made = sandbox(tmp_path_factory.mktemp("unknown"), "postgresql://nobody@127.0.0.1:1/nothing")
    made.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
    return made


def test_what_is_not_there_is_named_with_what_may_be_meant(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(SCHEMA)
        snapshot = catalog.read(connection)
    setting = Setting(Options(), (Source.from_text(SCHEMA),), look=lambda _: snapshot)
    for words, reason, meant in UNKNOWN:
        with pytest.raises(UsageError) as raised:
            propose(first_that_fits(statements_of(words) or (words,), setting), setting)
        error = raised.value
        assert reason in f"{error.message} {error.why}", (words, error.message)
        assert meant in " ".join(error.next_steps), (words, error.next_steps)


@pytest.mark.parametrize(("words", "reason", "meant"), ODD)
def test_odd_input_is_a_mistake_of_the_user(place: Sandbox, words: str, reason: str, meant: str) -> None:
    result = place.lockgate("plan", words)
    said = " ".join(result.output.split())
    assert result.exit_code == 2, said
    assert reason in said
    assert meant in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "sql"),
    [
        ('drop public."user"', 'ALTER TABLE public."user" RENAME TO user_to_be_dropped'),
        ("rename public.users to people", "ALTER TABLE public.users RENAME TO people"),
        ('rename user."Mixed" to plain', 'ALTER TABLE public."user" RENAME COLUMN "Mixed" TO plain'),
        ("drop users.order;", 'ALTER TABLE public.users RENAME COLUMN "order" TO order_to_be_dropped'),
        ("rename USERS.Name to select", 'ALTER TABLE public.users RENAME COLUMN name TO "select"'),
        ("DROP TABLE IF EXISTS usrs", "DROP TABLE IF EXISTS usrs"),
    ],
)
def test_names_are_read_as_they_are_meant(words: str, sql: str) -> None:
    setting = Setting(Options(), (Source.from_text(SCHEMA),))
    change = propose(first_that_fits(statements_of(words) or (words,), setting), setting)
    assert sql in [" ".join(found.split()) for part in change.parts for found in part.sql]


def test_without_migrations_the_words_are_taken_as_they_are(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    result = place.lockgate("plan", "CREATE INDEX ON usrs (name)")
    assert result.exit_code == 0, result.output
    assert "unknown table usrs: no migration makes it" in " ".join(result.output.split())


@pytest.mark.skipif(os.environ.get("LOCKGATE_NIGHTLY") != "1", reason="a whole proof, for the night")
def test_derived_names_of_63_bytes_do_not_collide(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    table, first, second, third = "t" * 63, "c" * 62 + "1", "c" * 62 + "2", "d" * 63
    schema = (
        f"CREATE TABLE public.{table} (id bigint PRIMARY KEY, {first} text, {second} text, {third} text);"
    )
    place.write("20250101090000", "create_schema", schema, f"DROP TABLE public.{table};")
    change = f"ALTER TABLE {table} DROP COLUMN {first}, DROP COLUMN {second}; ALTER TABLE {table} RENAME {third} TO d"
    result = place.lockgate("plan", change, "--write")
    assert result.exit_code == 0, result.output
    proved = place.lockgate("test")
    assert proved.exit_code == 0, proved.output
    assert place.lockgate("check").exit_code == 0
