"""What ``lockgate plan`` answers: pure, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate import catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.changes import Change
from lockgate.planning.intents import statements_of
from lockgate.planning.propose import Setting, propose

SCHEMA = """\
CREATE TABLE public.users (id integer PRIMARY KEY, name text, age integer);
CREATE INDEX users_age ON public.users (age);
CREATE VIEW public.adults AS SELECT id, age FROM public.users WHERE age >= 18;
CREATE MATERIALIZED VIEW public.names AS SELECT name FROM public.users;
CREATE TABLE public.orders (
  id bigint PRIMARY KEY, buyer integer REFERENCES public.users (id), twice bigint GENERATED ALWAYS AS (id * 2) STORED,
  span int4range, CONSTRAINT orders_span EXCLUDE USING gist (span WITH &&)
);
CREATE DOMAIN public.price AS integer;
CREATE TABLE public.goods (id bigint PRIMARY KEY, cost public.price);
CREATE TABLE public.parts (id integer) PARTITION BY LIST (id);
CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES IN (1);
CREATE INDEX orders_buyer ON public.orders (buyer);
CREATE TABLE public.tags (id bigint PRIMARY KEY, word varchar(10));
"""
FIELDS = {"phase", "title", "sql", "rollback", "gate", "application", "one_by_one"}


@pytest.fixture
def place(tmp_path: Path) -> Sandbox:
    found = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    found.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
    return found


def plan(place: Sandbox, *words: str) -> dict[str, Any]:
    result = place.lockgate("plan", *words, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_document_has_the_same_fields_for_every_part_and_comes_out_the_same_twice(place: Sandbox) -> None:
    first = plan(place, "rename users.name to full_name")
    assert first == plan(place, "rename users.name to full_name")
    assert [part["phase"] for part in first["parts"]] == ["expand", "migrate", "contract"]
    assert all(set(part) == FIELDS for part in first["parts"])
    assert all(part["rollback"] for part in first["parts"])
    assert [bool(part["gate"]) for part in first["parts"]] == [False, False, True]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE users ADD COLUMN note text",
        "ALTER TABLE tags ALTER COLUMN word TYPE varchar",
        "INSERT INTO users (id) VALUES (1)",
        "CREATE TABLE notes (id bigint PRIMARY KEY, users integer)",
    ],
)
def test_a_safe_statement_stays_as_it_is(place: Sandbox, sql: str) -> None:
    parts = plan(place, sql)["parts"]
    assert [part["sql"] for part in parts] == [[sql]]
    assert parts[0]["gate"] is None


def test_only_what_is_unsafe_is_taken_apart(place: Sandbox) -> None:
    parts = plan(
        place, "ALTER TABLE users ADD COLUMN note text, ADD COLUMN b int, ALTER COLUMN name SET NOT NULL"
    )["parts"]
    assert [sql.split()[3:6] for sql in parts[0]["sql"]] == [
        ["ADD", "COLUMN", "note"],
        ["ADD", "COLUMN", "b"],
    ]
    assert len(parts) == 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("change orders.id to numeric", "generated column twice would be computed anew"),
    ],
)
def test_what_cannot_be_exchanged_is_said_with_the_reason(place: Sandbox, change: str, reason: str) -> None:
    document = plan(place, change)
    assert len(document["parts"]) == 1
    assert reason in document["notes"][0]
    assert "nobody can use it" in document["notes"][1]


def test_what_has_no_safe_form_says_so_and_for_how_long_it_stops_whom(place: Sandbox) -> None:
    document = plan(place, "ALTER DOMAIN price SET NOT NULL")
    assert len(document["parts"]) == 1
    (note,) = document["notes"]
    assert note.startswith("no safe form is known, domain-set-not-null: Reads public.goods")
    assert "SHARE lock on every table that uses the domain, until all of them are read" in note


def test_words_that_are_nothing_are_a_mistake_of_the_user(place: Sandbox) -> None:
    result = place.lockgate("plan", "make it fast")
    assert result.exit_code == 2
    assert "rename TABLE.COLUMN to NAME" in result.output
    assert "Traceback" not in result.output


def proposed(change: str, more: str = "", fill: str | None = None) -> Change:
    return propose(change, Setting(Options(17), (Source.from_text(SCHEMA + more),), fill))


def sql_of(change: Change) -> str:
    return "\n".join(sql for part in change.parts for sql in part.sql)


RLS = "ALTER TABLE goods ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON goods USING (id > 1);"
EVEN = "CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0);"


FAITHFUL = {
    "ALTER TABLE goods ADD COLUMN n serial UNIQUE": "UNIQUE USING INDEX goods_n_key",
    "ALTER TABLE goods DROP CONSTRAINT goods_pkey, ADD COLUMN n serial PRIMARY KEY": "USING INDEX goods_pkey",
    "ALTER TABLE goods ADD COLUMN n int GENERATED ALWAYS AS IDENTITY (START 7)": "_n_seq START 7)",
    "ALTER TABLE goods ADD COLUMN o bigint REFERENCES orders (id) DEFERRABLE": "(id) DEFERRABLE NOT VALID",
    "ALTER TABLE parts ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED": "GENERATED ALWAYS AS",
    "ALTER TABLE parts RENAME COLUMN id TO number": "RENAME COLUMN id TO number",
    "ALTER TABLE users DISABLE TRIGGER ALL": "DISABLE TRIGGER ALL",
    "ALTER TABLE goods DISABLE ROW LEVEL SECURITY": "DISABLE ROW LEVEL SECURITY",
    "CREATE UNLOGGED TABLE q (id bigint PRIMARY KEY)": "CREATE UNLOGGED TABLE",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": "CREATE FUNCTION f()",
    "ALTER TABLE users ADD UNIQUE (name) WITH (fillfactor = 70)": "(name) WITH (fillfactor = 70)",
    "ALTER TABLE users ADD COLUMN c even NOT NULL DEFAULT 2": "ADD COLUMN c integer DEFAULT 2 NOT NULL",
    "DROP INDEX users_age, orders_buyer": "orders_buyer",
    "VACUUM FULL parts": "VACUUM FULL",
    "REINDEX TABLE parts": "CONCURRENTLY",
    "TRUNCATE users CASCADE": "DELETE FROM public.orders",
}
"""Changes, and what of them was once lost to the advice of a rule."""


@pytest.mark.parametrize("change", FAITHFUL)
def test_no_advice_takes_the_place_of_what_was_asked(change: str) -> None:
    assert FAITHFUL[change] in sql_of(proposed(change, RLS + EVEN))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users RENAME COLUMN name TO age",
        "ALTER TABLE users RENAME COLUMN name TO name",
        "ALTER TABLE users RENAME TO orders",
        "ALTER TABLE users ADD COLUMN name text",
        "ALTER TABLE orders ADD CONSTRAINT orders_pkey CHECK (id > 0)",
        "CREATE TABLE users (id integer)",
        "CREATE INDEX users_age ON users (name)",
        "CREATE POLICY own ON goods USING (true)",
    ],
)
def test_a_name_that_is_taken_is_a_mistake_of_the_user(change: str) -> None:
    with pytest.raises(UsageError, match="is there already"):
        proposed(change, RLS)


def test_what_something_needs_cannot_go_unless_it_goes_along_or_before() -> None:
    keyed = "ALTER TABLE public.orders DROP CONSTRAINT orders_buyer_fkey"
    for change in (
        "ALTER TABLE users DROP COLUMN id",
        "DROP TABLE users",
        "ALTER TABLE orders DROP COLUMN id",
    ):
        with pytest.raises(UsageError, match="cannot go") as refusal:
            proposed(change)
        before, along = refusal.value.next_steps
        assert f'{change} CASCADE"' in along
        assert proposed(before.split('"')[1]).parts
        assert proposed(f"{change} CASCADE").parts[-1].sql[0].endswith(" CASCADE")
        assert (keyed in before) is ("users" in change)


def test_another_expression_of_a_stored_column_comes_with_a_copy_or_behind_a_gate(pg: Database) -> None:
    change = "ALTER TABLE orders ALTER COLUMN twice SET EXPRESSION AS (id * 3)"
    (part,) = proposed(change).parts
    assert "stand still" in str(part.gate)
    with pytest.raises(UsageError, match="no generated column"):
        proposed(change.replace("twice", "id"))
    with pg.connect() as connection:
        connection.execute(
            "CREATE TABLE orders (id bigint PRIMARY KEY, twice bigint GENERATED ALWAYS AS (id) STORED)"
        )
        snapshot = catalog.read(connection)
        history = (Source.from_text(SCHEMA),)
        made = propose(change, Setting(Options(17), history, look=lambda _: snapshot)).parts
        assert "ALTER TABLE public.orders_new ALTER COLUMN twice SET EXPRESSION AS (id * 3)" in made[0].sql
        if pg.major >= 17:
            connection.execute(";".join(made[0].sql).encode())
    with pytest.raises(UsageError, match="needs PostgreSQL 17"):
        propose(change, Setting(Options(16), history))


@pytest.mark.parametrize("words", ["ADD UNIQUE (b)", "ADD PRIMARY KEY (b)", "unique halves (b)"])
def test_a_key_of_a_partitioned_table_has_to_hold_what_divides_it(words: str) -> None:
    halves = "CREATE TABLE halves (a int, b int) PARTITION BY HASH (a);"
    change = f"ALTER TABLE halves {words}" if words.startswith("ADD") else statements_of(words)[0]
    with pytest.raises(UsageError, match="divided by a") as refusal:
        proposed(change, halves)
    assert "over b, a" in refusal.value.next_steps[0]
    assert proposed(change.replace("(b)", "(a, b)"), halves).parts


@pytest.mark.parametrize("fill", ["nosuch(", "nosuch", "lower(nosuch)"])
def test_a_filling_that_nothing_can_compute_is_a_mistake_of_the_user(fill: str) -> None:
    with pytest.raises(UsageError, match="--fill"):
        proposed("ALTER TABLE users ALTER COLUMN name SET NOT NULL", fill=fill)


def test_changes_of_different_columns_share_their_phases() -> None:
    change = proposed(
        "ALTER TABLE users RENAME COLUMN name TO called; ALTER TABLE users ALTER age SET NOT NULL"
    )
    kinds = ["expand", "migrate", "migrate", "migrate", "contract", "contract"]
    assert [part.kind.value for part in change.parts] == kinds
    assert [part.gate is None for part in change.parts] == [True] * 5 + [False]
    swapped = proposed("ALTER TABLE users RENAME COLUMN name TO n; ALTER TABLE users RENAME COLUMN n TO m")
    assert [part.kind.value for part in swapped.parts] == ["expand", "migrate", "contract"] * 2


def test_what_frames_the_statements_of_a_file_is_no_part_of_its_own() -> None:
    change = proposed("BEGIN; SET lock_timeout = '1s'; ALTER TABLE users ADD COLUMN note text; COMMIT;")
    assert [part.sql for part in change.parts] == [
        ("SET lock_timeout = '1s'", "ALTER TABLE users ADD COLUMN note text")
    ]
    assert change.notes == ("BEGIN and COMMIT are left out: each file has its own transaction",)


def test_a_table_with_heirs_is_walked_table_by_table() -> None:
    heirs = "CREATE TABLE base (id int, v text); CREATE TABLE child () INHERITS (base);"
    (part,) = proposed("UPDATE base SET v = 'x' WHERE base.id > 1", heirs).parts
    assert [sql.splitlines()[1].split(" SET ")[0] for sql in part.sql] == [
        "UPDATE ONLY public.base base",
        "UPDATE ONLY public.child base",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO users (id) SELECT id FROM gone",
            "WITH part",
        ),
        ("UPDATE users SET age = age / (SELECT max(age) FROM users)", "columns that it sets"),
        ("DELETE FROM users WHERE id IN (SELECT max(id) FROM users GROUP BY name)", "already deleted"),
    ],
)
def test_a_change_of_rows_that_no_chunks_add_up_to_stays_whole(
    place: Sandbox, change: str, reason: str
) -> None:
    answer = plan(place, change)
    assert [part["sql"] for part in answer["parts"]] == [[change]]
    assert any(reason in note for note in answer["notes"])


def test_a_write_waits_for_the_copy_where_it_could_meet_it_in_an_exclusion(place: Sandbox) -> None:
    excluded = "ALTER TABLE users ADD CONSTRAINT apart EXCLUDE USING gist (int8range(id, id, '[]') WITH &&)"
    copies = [
        [sql for part in plan(place, change)["parts"] for sql in part["sql"] if "lockgate: backfill" in sql]
        for change in (excluded, "VACUUM FULL users")
    ]
    assert ["FOR NO KEY UPDATE" in sql for (sql,) in copies] == [True, False]


@pytest.mark.parametrize("words", ["SET LOGGED", "SET TABLESPACE pg_default", "SET ACCESS METHOD heap"])
def test_a_table_that_is_so_already_is_not_written_anew(place: Sandbox, words: str) -> None:
    answer = plan(place, f"ALTER TABLE users {words}")
    assert [part["sql"] for part in answer["parts"]] == [[f"ALTER TABLE users {words}"]]
    assert not answer["parts"][0]["gate"]
    assert place.lockgate("plan", f"ALTER TABLE users {words}", "--write").exit_code == 0
    found = json.loads(place.lockgate("check", "--json").stdout)["findings"]
    assert [one["rule"] for one in found if words.split()[1].lower() in one["rule"]] == []


def test_a_table_that_permanent_ones_refer_to_stays_permanent(place: Sandbox) -> None:
    result = place.lockgate("plan", "ALTER TABLE users SET UNLOGGED")
    assert result.exit_code == 2
    assert "foreign key to public.orders" in result.output


def test_a_column_with_another_default_makes_no_identity(place: Sandbox) -> None:
    result = place.lockgate("plan", "ALTER TABLE users ALTER COLUMN age SET DEFAULT 7; "
                            "ALTER TABLE users ALTER COLUMN age ADD GENERATED ALWAYS AS IDENTITY")  # fmt: skip
    assert result.exit_code == 2
    assert "has a default" in result.output
