"""Tables that are split in two, and two that become one, with both applications writing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

from lockgate import catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.propose import Setting, propose

SPLIT = Case(
    schema="CREATE TABLE public.users (id bigint PRIMARY KEY, name text, bio text,"
    " avatar text NOT NULL DEFAULT 'none' CHECK (avatar <> ''));\n"
    "CREATE INDEX users_bio ON public.users (bio);\n"
    "COMMENT ON COLUMN public.users.bio IS 'what they say';\n"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO pg_monitor;\n",
    change=("split users into users, user_profiles (bio, avatar)",),
    old=App(
        "INSERT INTO public.users (id, bio) VALUES (%(id)s, %(value)s)",
        "UPDATE public.users SET bio = %(value)s WHERE id = %(id)s",
        "SELECT id::text, bio FROM public.users",
        copy="COPY public.users (id, bio) FROM STDIN",
        also=(
            "DELETE FROM public.users WHERE id > 990000",
            "UPDATE public.users SET id = id + 90000 WHERE id > 990000",
        ),
    ),
    new=App(
        "WITH u AS (INSERT INTO public.users (id) VALUES (%(id)s))"
        " INSERT INTO public.user_profiles (id, bio) VALUES (%(id)s, %(value)s)",
        "UPDATE public.user_profiles SET bio = %(value)s WHERE id = %(id)s",
        "SELECT u.id::text, p.bio FROM public.users u JOIN public.user_profiles p USING (id)",
    ),
    new_from=2,
    old_until=3,
    parts=3,
    after=(
        "SELECT has_table_privilege('pg_monitor', 'public.user_profiles', 'INSERT')",
        "SELECT to_regclass('public.user_profiles_bio_idx') IS NOT NULL",
    ),
)

REQUIRED = Case(
    schema="CREATE TABLE public.users (org integer DEFAULT 1, id bigint, email text NOT NULL DEFAULT 'x',"
    " phone text NOT NULL, joined timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (org, id));\n",
    change=('split public.users into public.users, "Contact Data" (phone, joined)',),
    old=App(
        "INSERT INTO public.users (id, phone) VALUES (%(id)s, %(value)s)",
        "UPDATE public.users SET phone = %(value)s WHERE id = %(id)s",
        "SELECT id::text, phone FROM public.users",
    ),
    new=App(
        "WITH u AS (INSERT INTO public.users (id) VALUES (%(id)s))"
        ' INSERT INTO public."Contact Data" (org, id, phone) VALUES (1, %(id)s, %(value)s)',
        'UPDATE public."Contact Data" SET phone = %(value)s WHERE id = %(id)s',
        'SELECT id::text, c.phone FROM public.users JOIN public."Contact Data" AS c USING (org, id)',
    ),
    new_from=2,
    old_until=3,
    parts=3,
    values=("1", "22", "", "333"),
)

MERGE = Case(
    schema="CREATE TABLE public.users (id bigint PRIMARY KEY, name text);\n"
    "CREATE TABLE public.kinds (kind text PRIMARY KEY);\nINSERT INTO public.kinds VALUES ('plain');\n"
    "CREATE TABLE public.settings (user_id bigint NOT NULL UNIQUE REFERENCES public.users"
    " DEFERRABLE INITIALLY DEFERRED, theme text NOT NULL DEFAULT 'dark', lang text CHECK (lang <> '-'),"
    " kind text REFERENCES public.kinds);\n"
    "CREATE INDEX settings_lang ON public.settings (lang);\n",
    change=("merge settings into users",),
    old=App(
        "WITH u AS (INSERT INTO public.users (id) VALUES (%(id)s))"
        " INSERT INTO public.settings (user_id, lang) VALUES (%(id)s, %(value)s)",
        "UPDATE public.settings SET lang = %(value)s WHERE user_id = %(id)s",
        "SELECT id::text, s.lang FROM public.users LEFT JOIN public.settings AS s ON user_id = id",
        also=("DELETE FROM public.settings WHERE user_id > 990000",),
    ),
    new=App(
        "INSERT INTO public.users (id, lang) VALUES (%(id)s, %(value)s)",
        "UPDATE public.users SET lang = %(value)s WHERE id = %(id)s",
        "SELECT id::text, lang FROM public.users",
        copy="COPY public.users (id, lang) FROM STDIN",
        also=("DELETE FROM public.users WHERE id > 990000",),
    ),
    new_from=2,
    old_until=4,
    parts=5,
    after=("SELECT bool_and(theme = 'dark') FROM public.users",),
)

CASES = {"split": SPLIT, "required": REQUIRED, "merge": MERGE}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


WHOLE = """CREATE TABLE public.users (id bigint PRIMARY KEY, name text, nick text, age integer, loud text
  GENERATED ALWAYS AS (upper(name)) STORED, CHECK (name <> nick));
CREATE VIEW public.ages AS SELECT id, age FROM public.users;
CREATE TABLE public.notes (id bigint PRIMARY KEY, user_id bigint REFERENCES public.users, name text, body text);
CREATE TABLE public.extras (id bigint PRIMARY KEY, mood text);
CREATE TABLE public.heap (value text);
"""
REFUSED = (
    ("split users into users, more (nothing)", "has no column nothing"),
    ("split users into users, more (id)", "is in the primary key"),
    ("split users into users, more (age)", "view public.ages uses them"),
    ("split users into users, more (loud)", "loud is a generated column"),
    ("split users into users, more (nick)", "is about columns of both tables"),
    ("split users into users, notes (nick)", "there is a public.notes already"),
    ("split users into people, more (nick)", "users would not be left"),
    ("split heap into heap, more (value)", "has no primary key"),
    ("merge notes into users", "user_id is not a unique key"),
    ("merge heap into users", "which rows of public.heap and public.users belong together"),
    ("merge extras (nothing) into users", "has no column nothing"),
    ("merge users into extras", "constraint notes_user_id_fkey on public.notes refers to it"),
    ("merge extras into extras", "is one table already"),
    ("merge extras into users on extras.id > users.id", "does not join"),
    ("merge extras into nowhere", "no table nowhere is known"),
)


def test_words_that_do_not_fit_are_a_mistake_of_the_user(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(WHOLE)
        snapshot = catalog.read(connection)
    setting = Setting(Options(pg.major), (Source.from_text(WHOLE),), look=lambda _: snapshot)
    for words, reason in REFUSED:
        with pytest.raises(UsageError) as raised:
            propose(words, setting)
        assert reason in f"{raised.value.message}; {raised.value.why}", words
