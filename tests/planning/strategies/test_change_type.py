"""Other types of columns and keys: what one of the two cannot hold, and a way back that stops before a name changes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from tests.servers import Database

from lockgate import catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.changes import Change
from lockgate.planning.intents import statements_of
from lockgate.planning.propose import Setting, propose

ITEMS = "CREATE TABLE public.items (id bigint PRIMARY KEY, {});"

Connection = psycopg.Connection[Any]

SCHEMA = """\
CREATE TABLE public.users (id {type} PRIMARY KEY, name text);
CREATE TABLE public.orders (id bigint PRIMARY KEY, buyer {refers} REFERENCES public.users ON DELETE CASCADE);
CREATE TABLE public.notes (id bigint PRIMARY KEY, reader {refers} REFERENCES public.users ON UPDATE CASCADE);
"""
ROWS = """\
INSERT INTO public.users (name) SELECT 'somebody' FROM generate_series(1, 9);
INSERT INTO public.orders SELECT id, id FROM public.users;
INSERT INTO public.notes SELECT id, id FROM public.users;
"""


def _proposed(connection: Connection, schema: str, intent: str) -> Change:
    """What is planned for a schema that is made first."""
    connection.execute(schema)  # type: ignore[call-overload]
    snapshot = catalog.read(connection)
    (words,) = statements_of(intent)
    options = Options(connection.info.server_version // 10000)
    return propose(words, Setting(options, (Source.from_text(schema),), look=lambda _: snapshot))


def _exchanged(connection: Connection, type_words: str, refers: str, target: str) -> Change:
    """The change of the key's type, carried out up to and with the exchange."""
    schema = SCHEMA.format(type=type_words, refers=refers)
    change = _proposed(connection, schema, f"change users.id to {target}")
    connection.execute(ROWS)
    for part in change.parts[:-1]:
        _carry_out(connection, part.sql)
    return change


def _carry_out(connection: Connection, statements: tuple[str, ...]) -> None:
    for sql in statements:
        connection.execute(sql)  # type: ignore[call-overload]


def _back(connection: Connection, change: Change) -> None:
    for part in reversed(change.parts[:-1]):
        _carry_out(connection, part.back)


@pytest.mark.parametrize(("type_words", "refers"), [("bigserial", "bigint"), ("serial", "integer")])
def test_a_key_is_held_alike_by_both_types_or_refused(pg: Database, type_words: str, refers: str) -> None:
    with pg.connect() as connection:
        change = _exchanged(connection, type_words, refers, "numeric")
        for table, column in (("users", "id"), ("orders", "buyer"), ("notes", "reader")):
            with pytest.raises(
                psycopg.errors.DataException, match=f"{table}.{column}: a key must be one that"
            ):
                connection.execute(f"UPDATE {table} SET {column} = {column} + 0.4 WHERE {column} = 1")  # type: ignore[call-overload]
        connection.execute("INSERT INTO users (id, name) VALUES (70.0, 'newcomer')")
        connection.execute("INSERT INTO orders (id, buyer) VALUES (70, 70)")
        connection.execute(
            "UPDATE users SET id = 71 WHERE id = 9 AND NOT EXISTS (SELECT FROM orders WHERE buyer = 9)"
        )
        _back(connection, change)
        assert connection.execute("SELECT count(*), max(id) FROM users").fetchone() == (10, 70)
        found = connection.execute(
            "SELECT bool_and(convalidated), count(*) FROM pg_constraint WHERE contype = 'f'"
        )
        assert found.fetchone() == (True, 2)


def test_the_way_back_stops_before_a_name_changes(pg: Database) -> None:
    with pg.connect() as connection:
        change = _exchanged(connection, "serial", "integer", "numeric")
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("INSERT INTO notes (id, reader) VALUES (80, 80)")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            _carry_out(connection, change.parts[-2].back)
        assert _type_of_key(connection) == "numeric"
        connection.execute("INSERT INTO users (id) VALUES (80)")


def test_the_way_back_begins_only_where_the_old_type_has_room(pg: Database) -> None:
    with pg.connect() as connection:
        change = _exchanged(connection, "serial", "integer", "bigint")
        connection.execute("INSERT INTO users (id) VALUES (5000000000)")
        before = catalog.read(connection)
        with pytest.raises(
            psycopg.errors.RaiseException, match=r"public\.users has rows whose id is too large"
        ):
            _carry_out(connection, change.parts[-2].back)
        assert catalog.read(connection).fingerprint() == before.fingerprint()
        connection.execute("DELETE FROM users WHERE id = 5000000000")
        _back(connection, change)
        assert _type_of_key(connection) == "integer"


def _type_of_key(connection: Connection) -> str:
    row = connection.execute(
        "SELECT atttypid::regtype::text FROM pg_attribute WHERE attname = 'id'"
        " AND attrelid = 'public.users'::regclass"
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_the_way_back_leaves_what_the_old_type_cannot_hold(pg: Database) -> None:
    with pg.connect() as connection:
        change = _proposed(connection, ITEMS.format("price integer"), "change items.price to numeric")
        for part in change.parts:
            _carry_out(connection, part.sql)
        connection.execute("INSERT INTO items VALUES (1, 1.5), (2, 3)")
        _carry_out(connection, change.parts[-1].back)
        rows = connection.execute("SELECT price::text, price_old FROM items ORDER BY id").fetchall()
    assert rows == [("1.5", 2), ("3", 3)]


@pytest.mark.parametrize(
    ("column", "target", "fits", "too_long"),
    [
        ("varchar(9)", "varchar(4)", "ab  ", "abcde"),
        ("text", "char(4)", "abcd  ", "abcde"),
        ("integer", "varchar(4)", "1234", "12345"),
        ("bit varying(9)", "bit varying(4)", "101", "10101"),
    ],
)
def test_nothing_is_cut_off(pg: Database, column: str, target: str, fits: str, too_long: str) -> None:
    with pg.connect() as connection:
        change = _proposed(connection, ITEMS.format(f"code {column}"), f"change items.code to {target}")
        add, fill, *_ = change.parts
        connection.execute("INSERT INTO items VALUES (1, %s), (2, %s)", (fits, too_long))
        _carry_out(connection, add.sql)
        with pytest.raises(psycopg.errors.StringDataRightTruncation):
            _carry_out(connection, fill.sql)
        with pytest.raises(psycopg.errors.StringDataRightTruncation):
            connection.execute("INSERT INTO items VALUES (3, %s)", (too_long,))
        connection.execute("DELETE FROM items WHERE id = 2")
        _carry_out(connection, fill.sql)
        wanted = connection.execute(f"SELECT code_new = code::{target} FROM items")  # type: ignore[call-overload]
        assert wanted.fetchall() == [(True,)]


def test_an_identity_column_counts(pg: Database) -> None:
    items = "CREATE TABLE public.items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);"
    with (
        pg.connect() as connection,
        pytest.raises(UsageError, match=r"public\.items\.id is an identity column") as no,
    ):
        _proposed(connection, items, "change items.id to numeric")
    assert "DROP IDENTITY" in no.value.next_steps[0]


STANDING = {
    "change parted.id to bigint": "CREATE TABLE public.parted (id integer, k integer, PRIMARY KEY (id, k))"
    " PARTITION BY LIST (k); CREATE TABLE public.part PARTITION OF public.parted DEFAULT;"
    "CREATE VIEW public.seen AS SELECT id FROM public.parted;",
    "change apart.id to bigint": "CREATE TABLE public.apart (id integer PRIMARY KEY, EXCLUDE (id WITH =));"
    "CREATE TABLE public.refers (apart integer REFERENCES public.apart);",
}


@pytest.mark.parametrize("intent", STANDING)
def test_what_cannot_be_exchanged_is_one_file_behind_a_gate_that_runs(pg: Database, intent: str) -> None:
    with pg.connect() as connection:
        change = _proposed(connection, STANDING[intent], intent)
        before = catalog.read(connection)
        (part,) = change.parts
        assert "may stand still" in str(part.gate)
        with connection.transaction():
            _carry_out(connection, part.sql)
        differences = catalog.diff(before, catalog.read(connection)).without_order
    assert {one.field for one in differences} == {"type"}


def test_the_column_of_a_partition_key_keeps_its_type(pg: Database) -> None:
    parted = "CREATE TABLE public.parted (id bigint, k integer) PARTITION BY LIST (k);"
    parted += "CREATE TABLE public.part PARTITION OF public.parted DEFAULT;"
    with (
        pg.connect() as connection,
        pytest.raises(UsageError, match=r"public\.parted is divided by k") as refusal,
    ):
        _proposed(connection, parted, "change parted.k to bigint")
    assert "whole interruption" in refusal.value.next_steps[-1]
