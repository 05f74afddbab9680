"""What the server refuses for what a relation is: said before anything is written, with the table that is meant."""

from __future__ import annotations

import psycopg
import pytest
from tests.servers import Database

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.intents import statements_of
from lockgate.planning.propose import Setting, propose

SCHEMA = """\
CREATE TABLE public.t (id bigint PRIMARY KEY, a int);
CREATE VIEW public.v AS SELECT id, a FROM public.t;
CREATE VIEW public.over AS SELECT * FROM public.v;
CREATE MATERIALIZED VIEW public.m AS SELECT id, a FROM public.t;
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE public.f (id bigint, a int) SERVER far;
CREATE SEQUENCE public.numbers;
CREATE TYPE public.shape AS (a int);
CREATE TABLE public.typed OF public.shape;
CREATE TABLE public.parted (id bigint, a int) PARTITION BY RANGE (id);
CREATE TABLE public.parted_1 PARTITION OF public.parted FOR VALUES FROM (0) TO (10);
CREATE TABLE public.above (id bigint, a int);
CREATE TABLE public.below () INHERITS (public.above);
"""
REFUSED = {
    "change v.a to bigint": ("is a view", "public.t ALTER COLUMN a TYPE bigint"),
    "change over.a to bigint": ("is a view", "public.t ALTER COLUMN a TYPE bigint"),
    "change m.a to bigint": ("is a materialized view", "public.t ALTER COLUMN a TYPE bigint"),
    "require v.a": ("is a view", "public.t ALTER COLUMN a SET NOT NULL"),
    "drop m.a": ("is a materialized view", "public.t DROP a"),
    "index v (a)": ("is a view", "change public.t"),
    "change numbers.last_value to bigint": ("is a sequence", ""),
    "unique f (a)": ("is a foreign table", "do it there"),
    "index f (a)": ("is a foreign table", "do it there"),
    "change typed.a to bigint": ("is a table of the type public.shape", "NOT OF"),
    "rename typed.a to b": ("is a table of the type public.shape", "NOT OF"),
    "ALTER TYPE public.shape ALTER ATTRIBUTE a TYPE bigint": ("is a type in use", "a second type"),
    "change parted_1.a to bigint": (
        "inherits a from public.parted",
        "public.parted ALTER COLUMN a TYPE bigint",
    ),
    "rename parted_1.a to b": ("inherits a from public.parted", "public.parted RENAME COLUMN a TO b"),
    "drop below.a": ("inherits a from public.above", "public.above DROP a"),
}
HISTORY = (Source.from_text(SCHEMA + "CREATE TEMPORARY TABLE gone (a int);"),)


def _statement(words: str) -> str:
    return next(iter(statements_of(words)), words)


@pytest.mark.parametrize("words", REFUSED)
def test_what_the_server_would_refuse_is_not_planned(words: str) -> None:
    message, advice = REFUSED[words]
    with pytest.raises(UsageError, match=message) as refusal:
        propose(_statement(words), Setting(Options(17), HISTORY))
    assert advice in "".join(refusal.value.next_steps)


def test_a_temporary_table_is_nobody_elses() -> None:
    with pytest.raises(UsageError, match="is a temporary table"):
        propose("ALTER TABLE gone ALTER COLUMN a TYPE bigint", Setting(Options(17), HISTORY))


def test_the_server_does_refuse_it(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        for words in REFUSED:
            with pytest.raises(psycopg.Error) as refusal:
                connection.execute(_statement(words))  # type: ignore[call-overload]
            assert refusal.value.sqlstate in ("42809", "42P16", "0A000", "2BP01"), words


@pytest.mark.parametrize(
    "words", ["index m (a)", "change f.a to bigint", "rename v.a to b", "require parted_1.a"]
)
def test_what_it_accepts_is_planned(words: str) -> None:
    assert propose(_statement(words), Setting(Options(17), HISTORY)).parts
