"""Routines and triggers that a change of a table leaves behind are named in its plan."""

from __future__ import annotations

import pytest

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.planning.intents import statements_of
from lockgate.planning.propose import Setting, first_that_fits, propose

SCHEMA = """CREATE TABLE public.users (id bigint PRIMARY KEY, name text, email text);
CREATE FUNCTION public.loud() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER zzz_loud BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.loud();
CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE NOTICE '%', NEW.name; RETURN NEW; END $$;
CREATE TRIGGER zzz_watch BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.watch();
CREATE FUNCTION public.find(who text) RETURNS bigint LANGUAGE sql AS 'SELECT id FROM users WHERE name = who';
CREATE FUNCTION public.bound() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT id FROM users WHERE name = 'x'; END;
CREATE FUNCTION public.other(name text) RETURNS text LANGUAGE sql AS 'SELECT name || username FROM orders';
"""
BODIES = "the body of public.loud(), public.watch(), public.find() names public.users.name"
BEHIND = "trigger zzz_loud fires behind"


@pytest.mark.parametrize(
    ("change", "notes"),
    [
        ("rename users.name to title", (BODIES, BEHIND)),
        ("drop users.name", (BODIES,)),
        ("change users.name to varchar(90)", (BEHIND,)),
        ("rename users to people", ("the body of public.find() names public.users:",)),
        ("rename users.email to mail", ()),
        ("ALTER TABLE users ADD COLUMN zip text", ()),
    ],
)
def test_what_goes_on_saying_an_old_name_is_told(change: str, notes: tuple[str, ...]) -> None:
    setting = Setting(Options(major=17), (Source.from_text(SCHEMA, "1.sql"),))
    found = [
        note
        for note in propose(first_that_fits(statements_of(change) or (change,), setting), setting).notes
        if "the body of" in note or "fires behind" in note
    ]
    assert [any(note.startswith(words) for note in found) for words in notes] == [True] * len(notes), found
    assert len(found) == len(notes), found


def test_what_the_same_file_replaces_is_not() -> None:
    change = (
        "ALTER TABLE users DROP COLUMN name;"
        "CREATE OR REPLACE FUNCTION public.find(who text) RETURNS bigint LANGUAGE sql AS 'SELECT 1';"
    )
    setting = Setting(Options(major=17), (Source.from_text(SCHEMA, "1.sql"),))
    notes = "\n".join(propose(change, setting).notes)
    assert "public.watch()" in notes
    assert "public.find()" not in notes
