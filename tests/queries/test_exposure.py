"""What the clients of a Supabase project lose by a change, and what they do not notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.sampling import in_turn
from tests.servers import Database

from lockgate.proving.application.exposure import Offer, offered

SCHEMAS = ("api_v2", "public")
ROLES = ("anon", "authenticated")
SCHEMA = """
CREATE TYPE public.mood AS ENUM ('sad', 'glad');
CREATE TABLE public.users (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text, feels public.mood, made date DEFAULT now());
CREATE TABLE public.orders (id bigint PRIMARY KEY, buyer bigint CONSTRAINT bought REFERENCES public.users, note text);
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
CREATE VIEW public.people AS SELECT id, name FROM public.users;
CREATE FUNCTION public.find(who text, most int DEFAULT 10) RETURNS TABLE (id bigint, name text) LANGUAGE sql STABLE
  AS 'SELECT id, name FROM public.users WHERE name = who LIMIT most';
CREATE SCHEMA api_v2;
CREATE VIEW api_v2.users WITH (security_invoker) AS SELECT id, name AS full_name FROM public.users;
GRANT USAGE ON SCHEMA api_v2 TO anon;
GRANT SELECT, INSERT ON api_v2.users TO anon;
CREATE SCHEMA private CREATE TABLE kept (id int);
"""
FIND = "DROP FUNCTION public.find; CREATE FUNCTION public.find({}) RETURNS TABLE ({}) LANGUAGE sql AS '{}';"
BODY = "SELECT id, name FROM public.users WHERE name = who LIMIT most"
RENAMED = """ALTER TABLE public.users RENAME TO persons;
CREATE VIEW public.users WITH (security_invoker = true) AS SELECT id, name, feels, made FROM public.persons;
GRANT ALL ON public.users TO anon, authenticated"""
LOSSES = [
    ("ALTER TABLE public.users RENAME name TO full_name", "anon may select public.users.name"),
    ("ALTER TABLE public.users ALTER made TYPE timestamptz", "public.users.made is date"),
    ("REVOKE UPDATE ON public.users FROM authenticated", "authenticated may update public.users.name"),
    ("REVOKE INSERT ON api_v2.users FROM anon", "anon may insert api_v2.users.full_name"),
    ("REVOKE USAGE ON SCHEMA api_v2 FROM anon", "anon may select api_v2.users.id"),
    ("ALTER TABLE public.users ADD must int NOT NULL", "an insert into public.users may leave must out"),
    ("ALTER TABLE public.orders ALTER note SET NOT NULL", "an insert into public.orders may leave note out"),
    ("ALTER TYPE public.mood RENAME VALUE 'sad' TO 'blue'", "public.mood has the value 'sad'"),
    (
        "CREATE OR REPLACE VIEW public.people AS SELECT DISTINCT id, name FROM public.users",
        "anon may insert public.people.name",
    ),
    ("ALTER TABLE public.users DISABLE ROW LEVEL SECURITY", "public.users applies row-level security"),
    (RENAMED.replace("WITH (security_invoker = true)", ""), "public.users applies row-level security"),
    ("ALTER TABLE public.orders RENAME CONSTRAINT bought TO orders_buyer_fkey", "can be embedded by the name bought"),
    (
        "ALTER TABLE public.orders ADD giver bigint REFERENCES public.users",
        "public.orders and public.users can be embedded without saying by which foreign key",
    ),
    ("DROP FUNCTION public.find", "anon may call public.find(most integer, who text) returns TABLE"),
    ("REVOKE EXECUTE ON FUNCTION public.find FROM PUBLIC, anon", "anon may call public.find("),
    (
        FIND.format("whom text, most int DEFAULT 1", "id bigint, name text", BODY.replace("who ", "whom ")),
        "public.find(",
    ),
    (FIND.format("who text, most int", "id bigint, name text", BODY), "public.find("),
    (FIND.format("who text, most bigint DEFAULT 1", "id bigint, name text", BODY), "public.find("),
    (FIND.format("who text, most int DEFAULT 1", "id bigint", BODY.replace(", name", "")), "public.find("),
    (
        "CREATE FUNCTION public.find(who text, most int, also int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "several functions answer to these arguments now",
    ),
]  # fmt: skip
UNNOTICED = [
    RENAMED,
    "ALTER TABLE public.users ADD age int, ADD rank int NOT NULL DEFAULT 1",
    "ALTER TYPE public.mood ADD VALUE 'so so'",
    "CREATE TABLE public.other (id int NOT NULL)",
    "DROP TABLE private.kept",
    "CREATE INDEX ON public.users (name)",
    FIND.format("who text, most int DEFAULT 1, also int DEFAULT 2", "id bigint, name text", BODY),
    FIND.format(
        "who text, most int DEFAULT 1", "id bigint, name text, size int", BODY.replace(", name", ", name, 1")
    ),
    FIND.format("who text DEFAULT 1, most int DEFAULT 1", "id bigint, name text", BODY),
]


@contextmanager
def changed(connection: psycopg.Connection[Any], sql: str) -> Iterator[Offer]:
    with connection.transaction(force_rollback=True):
        connection.execute(sql.encode())
        yield offered(connection, SCHEMAS, ROLES)


@pytest.mark.parametrize("supabase_db", in_turn([15, 16, 17, 18]), indirect=True)
def test_what_clients_rely_on_is_missed_and_nothing_else(supabase_db: Database) -> None:
    supabase_db.execute(SCHEMA)
    with supabase_db.connect() as connection:
        before = offered(connection, SCHEMAS, ROLES)
        for sql, loss in LOSSES:
            with changed(connection, sql) as after:
                missed = before.lost(after) | before.narrowed(after)
                assert any(loss in text for text in missed), (sql, missed)
        for sql in UNNOTICED:
            with changed(connection, sql) as after:
                assert not before.lost(after) | before.narrowed(after), sql


def test_graphql_has_names_of_its_own(supabase_db: Database) -> None:
    supabase_db.execute(
        "CREATE EXTENSION IF NOT EXISTS pg_graphql;"
        "COMMENT ON SCHEMA public IS '@graphql({\"inflect_names\": true})';"
        "CREATE TABLE public.blog_post (id int PRIMARY KEY, posted_at date);"
        "CREATE TABLE public.keyless (id int)"
    )
    with supabase_db.connect() as connection:
        before = offered(connection, ("public",), ROLES)
        assert {"GraphQL has the type BlogPost", "GraphQL has the field BlogPost.postedAt"} <= before.said
        assert not any("Keyless" in text for text in before.said)
        with changed(
            connection, 'COMMENT ON TABLE public.blog_post IS \'@graphql({"name": "Post"})\''
        ) as after:
            assert "GraphQL has the type BlogPost" in before.lost(after)
            assert "GraphQL has the field Post.postedAt" in after.said


def test_a_database_without_these_roles_offers_nothing(pg: Database) -> None:
    pg.execute("CREATE TABLE public.users (id int)")
    with pg.connect() as connection:
        assert offered(connection, (), ()) == Offer()
