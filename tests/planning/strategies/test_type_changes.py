"""What a change of type reads, and in which time zone: said, asked for, or left to a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import UsageError
from lockgate.planning.changes import Change
from lockgate.planning.propose import Setting, propose

SCHEMA = "CREATE TABLE public.users (id bigint PRIMARY KEY, age int, name text, made timestamp, tags varchar(9)[]);"


def planned(sql: str) -> Change:
    return propose(sql, Setting(Options(), (Source.from_text(SCHEMA),)))


@pytest.mark.parametrize(
    ("using", "reason"),
    [
        ("NULL", "USING does not read it"),
        ("name || age", "USING reads name beside it"),
        ("(age * random())::text", "USING gives another value each time"),
    ],
)
def test_what_no_second_column_can_follow_stands_behind_a_gate(using: str, reason: str) -> None:
    change = planned(f"ALTER TABLE users ALTER age TYPE text USING {using}")
    (part,) = change.parts
    assert "stand still" in part.gate
    assert f"public.users.age cannot be exchanged by itself: {reason}" in change.notes


def test_elements_of_arrays_are_refused_and_not_cut() -> None:
    change = planned("ALTER TABLE users ALTER tags TYPE varchar(4)[]")
    (part,) = change.parts
    assert "stand still" in part.gate
    assert any("would cut an element" in note for note in change.notes)
    assert len(planned("ALTER TABLE users ALTER tags TYPE varchar(20)[]").parts) > 1


def diary(cast: str, read: str) -> App:
    """An application whose clients are in New York, and which says in its own way when something was."""
    return App(
        f"INSERT INTO public.users (id, made) VALUES (%(id)s, %(value)s::{cast})",
        f"UPDATE public.users SET made = %(value)s::{cast} WHERE id = %(id)s",
        f"SELECT id::text, to_char({read}, 'YYYY-MM-DD HH24:MI') FROM public.users",
    )


FAR_AWAY = """
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'America/New_York');
END $$;
"""
IN_BERLIN = Case(
    schema=f"{SCHEMA}{FAR_AWAY}CREATE INDEX users_made ON public.users (made DESC);",
    change=("ALTER TABLE users ALTER made TYPE timestamptz USING made AT TIME ZONE 'Europe/Berlin'",),
    old=diary("timestamp", "made"),
    new=diary("timestamp AT TIME ZONE 'Europe/Berlin'", "made AT TIME ZONE 'Europe/Berlin'"),
    new_from=4,
    old_until=4,
    parts=5,
    values=("2026-01-31 23:30", "2026-07-01 00:00", None, "1999-12-31 12:00"),
    direct="ALTER TABLE users ALTER made TYPE timestamptz USING made AT TIME ZONE 'Europe/Berlin'",
)
IN_UTC = replace(
    IN_BERLIN,
    schema=SCHEMA + FAR_AWAY,
    change=("ALTER TABLE users ALTER made TYPE timestamptz USING made AT TIME ZONE 'UTC'",),
    new=diary("timestamp AT TIME ZONE 'UTC'", "made AT TIME ZONE 'UTC'"),
    new_from=1,
    old_until=1,
    parts=1,
    direct="ALTER TABLE users ALTER made TYPE timestamptz USING made AT TIME ZONE 'UTC'",
)
FROM_DAYS = replace(
    IN_BERLIN,
    schema=f"{SCHEMA.replace('timestamp', 'date')}{FAR_AWAY}",
    change=(
        "ALTER TABLE users ALTER made TYPE timestamptz USING made::timestamp AT TIME ZONE 'Europe/Berlin'",
    ),
    old=diary("date", "made"),
    new_from=3,
    old_until=3,
    parts=4,
    values=("2026-01-31 00:00", None, "2026-07-01 00:00"),
    direct="ALTER TABLE users ALTER made TYPE timestamptz USING made::timestamp AT TIME ZONE 'Europe/Berlin'",
)
IN_CENTS = Case(
    schema=SCHEMA,
    change=(
        "ALTER TABLE users ALTER age TYPE bigint USING age * 100",
        "--back",
        "age / 100",
    ),
    old=App(
        "INSERT INTO public.users (id, age) VALUES (%(id)s, %(value)s::int)",
        "UPDATE public.users SET age = %(value)s::int WHERE id = %(id)s",
        "SELECT id::text, age::text FROM public.users",
    ),
    new=App(
        "INSERT INTO public.users (id, age) VALUES (%(id)s, 100 * %(value)s::int)",
        "UPDATE public.users SET age = 100 * %(value)s::int WHERE id = %(id)s",
        "SELECT id::text, (age / 100)::text FROM public.users",
    ),
    new_from=3,
    old_until=3,
    parts=4,
    direct="ALTER TABLE users ALTER age TYPE bigint USING age * 100",
)
CASES = {"in cents": IN_CENTS, "in Berlin": IN_BERLIN, "in UTC": IN_UTC, "from days": FROM_DAYS}


@rotating(CASES, turns=2)
def test_both_applications_mean_the_same_moment(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


def test_where_nobody_knows_the_time_zone_it_is_asked_for() -> None:
    with pytest.raises(UsageError, match="Which time zone") as asked:
        planned("ALTER TABLE users ALTER made TYPE timestamptz")
    assert "USING made AT TIME ZONE 'UTC'" in asked.value.next_steps[0]
    known = Setting(Options(platform="supabase"), (Source.from_text(SCHEMA),))
    assert propose("ALTER TABLE users ALTER made TYPE timestamptz", known).parts


def test_what_is_computed_needs_a_way_back() -> None:
    computed, cast = (
        planned(f"ALTER TABLE users ALTER age TYPE text USING {using}") for using in ("age + 1", "age::text")
    )
    assert any("--back says how" in note for note in computed.notes)
    assert not any("--back" in note for note in cast.notes)


@pytest.mark.parametrize(
    ("sql", "back", "words"),
    [
        ("ALTER TABLE users ALTER age TYPE text USING age + 1", "ago - 1", "--back names a column"),
        ("ALTER TABLE users ALTER age TYPE text USING age + 1", "age - id", "made of age alone"),
        ("ALTER TABLE users ALTER age TYPE text USING age + 1", "7", "made of age alone"),
        ("ALTER TABLE users ALTER age TYPE text USING age + 1", "", "--back is no SQL expression"),
        ("ALTER TABLE users ALTER age TYPE text USING age + 1", "age -", "--back is no SQL expression"),
        ("ALTER TABLE users ADD COLUMN zip text", "age", "nothing here changes the type"),
    ],
)
def test_a_way_back_that_is_none_is_refused(sql: str, back: str, words: str) -> None:
    setting = Setting(Options(), (Source.from_text(SCHEMA),), back=back)
    with pytest.raises(UsageError, match=words):
        propose(sql, setting)
