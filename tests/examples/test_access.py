"""Row-level security of the example: who may do what, each refusal beside somebody who may do the same."""

from __future__ import annotations

import json

import psycopg
import pytest
from tests.examples import valuecanvas
from tests.servers import Database

OWNER, ADMIN, EDITOR, VIEWER, STRANGER = (f"00000000-0000-4000-a000-00000000000{n}" for n in (1, 2, 3, 4, 6))
ORGANISATION = "00000000-0000-4000-b000-000000000001"
OTHERS = "00000000-0000-4000-b000-000000000002"
CANVAS = "00000000-0000-4000-c000-000000000001"
OTHERS_CANVAS = "00000000-0000-4000-c000-000000000003"
ITEM = "00000000-0000-4000-8000-000000000001"

ADD_ITEM = f"INSERT INTO public.items (organisation_id, canvas_id) VALUES ('{ORGANISATION}', '{CANVAS}')"
COMMENT = (
    f"INSERT INTO public.comments (organisation_id, item_id, body) VALUES ('{ORGANISATION}', '{ITEM}', 'x')"
)
UPLOAD = "INSERT INTO storage.objects (bucket_id, name) VALUES ('attachments', '{}/x.png')"

CASES = [
    ("SELECT FROM public.canvases", {VIEWER: 2, STRANGER: 1}),
    ("SELECT FROM public.users", {VIEWER: 5, STRANGER: 1}),
    ("SELECT FROM public.activity_log", {VIEWER: 10, STRANGER: 2}),
    ("SELECT FROM private.activity_log_default", {VIEWER: "42501"}),
    (f"SELECT FROM public.search_items('{ORGANISATION}', 'importer')", {VIEWER: 1, STRANGER: 0}),
    (f"SELECT FROM public.search_items('{OTHERS}', 'domination')", {STRANGER: 1, OWNER: 0}),
    ("SELECT FROM public.canvas_overview", {VIEWER: 2, STRANGER: 1}),
    (ADD_ITEM, {EDITOR: 1, VIEWER: "42501", STRANGER: "42501"}),
    (COMMENT, {VIEWER: 1, STRANGER: "42501"}),
    (ADD_ITEM.replace(CANVAS, OTHERS_CANVAS), {EDITOR: "23503"}),
    (f"UPDATE public.items SET title = 'x' WHERE id = '{ITEM}'", {EDITOR: 1, VIEWER: 0, STRANGER: 0}),
    (f"UPDATE public.items SET comment_count = 9 WHERE id = '{ITEM}'", {EDITOR: "42501"}),
    (f"UPDATE public.items SET organisation_id = '{OTHERS}' WHERE id = '{ITEM}'", {OWNER: "42501"}),
    (f"DELETE FROM public.canvases WHERE id = '{CANVAS}'", {ADMIN: 1, EDITOR: 0, STRANGER: 0}),
    (f"UPDATE public.memberships SET role = 'admin' WHERE user_id = '{VIEWER}'", {ADMIN: 1, VIEWER: 0}),
    (f"UPDATE public.memberships SET role = 'owner' WHERE user_id = '{VIEWER}'", {OWNER: 1, ADMIN: "42501"}),
    (f"DELETE FROM public.memberships WHERE user_id = '{OWNER}'", {OWNER: 1, ADMIN: 0}),
    (f"DELETE FROM public.memberships WHERE user_id = '{VIEWER}'", {VIEWER: 1, ADMIN: 1, EDITOR: 0}),
    ("UPDATE public.comments SET body = 'x'", {ADMIN: 1, OWNER: 1, EDITOR: 0}),
    ("SELECT FROM public.user_preferences", {OWNER: 1, ADMIN: 0}),
    (f"DELETE FROM public.organisations WHERE id = '{ORGANISATION}'", {OWNER: 1, ADMIN: 0, STRANGER: 0}),
    (UPLOAD.format(ORGANISATION), {EDITOR: 1, VIEWER: "42501", STRANGER: "42501"}),
    (UPLOAD.format("no-uuid"), {EDITOR: "42501"}),
]


@pytest.mark.server
def test_members_may_do_what_their_role_says(canvas_db: Database) -> None:
    canvas_db.execute((valuecanvas.FOLDER / "supabase" / "seed.sql").read_text("utf-8"))
    expected = {(sql, user): outcome for sql, cell in CASES for user, outcome in cell.items()}
    found = {(sql, user): _try(canvas_db, "authenticated", user, sql) for sql, user in expected}
    assert found == expected


@pytest.mark.server
def test_nobody_without_a_session_sees_anything(canvas_db: Database) -> None:
    canvas_db.execute((valuecanvas.FOLDER / "supabase" / "seed.sql").read_text("utf-8"))
    with canvas_db.connect() as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
        ).fetchall()
    assert len(tables) >= 10
    for (table,) in tables:
        assert _try(canvas_db, "anon", None, f"SELECT FROM {table}") == "42501", table
        assert _try(canvas_db, "service_role", None, f"SELECT FROM {table}") != "42501", table


@pytest.mark.server
def test_whoever_makes_an_organisation_owns_it_and_gets_it_back(canvas_db: Database) -> None:
    """INSERT … RETURNING, as the API does it, and deleting the tenant with all it has."""
    canvas_db.execute((valuecanvas.FOLDER / "supabase" / "seed.sql").read_text("utf-8"))
    with canvas_db.connect() as connection, connection.transaction():
        _act(connection, "authenticated", EDITOR)
        made = connection.execute(
            "INSERT INTO public.organisations (name, slug, created_by) VALUES ('New', 'new', %s) RETURNING id",
            (EDITOR,),
        ).fetchone()
        assert connection.execute(
            "SELECT role, member_count FROM public.my_organisations WHERE id = %s", made
        ).fetchone() == ("owner", 1)
        connection.execute("DELETE FROM public.organisations WHERE id = %s", made)
        assert (
            connection.execute("SELECT FROM public.my_organisations WHERE id = %s", made).fetchone() is None
        )


def _try(database: Database, role: str, user: str | None, statement: str) -> int | str | None:
    """The number of rows that a statement reached, or how it was refused; nothing stays."""
    with database.connect(autocommit=False) as connection:
        try:
            _act(connection, role, user)
            found = connection.execute(statement).rowcount
        except psycopg.Error as error:
            found = error.sqlstate
        connection.rollback()
        return found


def _act(connection: psycopg.Connection, role: str, user: str | None) -> None:
    claims = json.dumps({"sub": user, "role": role} if user else {"role": role})
    connection.execute(
        "SELECT set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", (role, claims)
    )
