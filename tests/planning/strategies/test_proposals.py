"""What ``lockgate plan`` answers: pure, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.projects import Sandbox, sandbox

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
        "ALTER TABLE users ALTER COLUMN name TYPE varchar",
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
        ("change orders.span to int8range", "exclusion constraint orders_span"),
        ("change parts.id to bigint", "public.parts is not a plain table"),
        ("change users.name to varchar(3)", "materialized view public.names would be filled anew"),
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
