"""Names and versions."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lockgate.migration.names import (
    MAX_DESCRIPTION,
    cli_version,
    compact,
    description_faults,
    file_name,
    next_version,
    parse_name,
    slugify,
    spell,
    timestamp,
    versions_in,
)

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31)).map(lambda at: at.replace(microsecond=0))
VERSIONS = MOMENTS.map(lambda at: at.strftime("%Y%m%d%H%M%S"))
SLUGS = st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+){0,4}", fullmatch=True)
SPELLINGS = st.sampled_from(["guide", "supabase"])


@given(VERSIONS, SLUGS, SPELLINGS)
def test_a_name_in_either_spelling_is_read_back(version, slug, spelling):
    name = parse_name(file_name(version, slug, spelling))
    assert name is not None
    assert (name.version, name.description, name.spelling) == (version, slug, spelling)
    assert compact(spell(version, spelling)) == version


@given(VERSIONS, VERSIONS, SLUGS)
def test_the_order_of_versions_is_the_order_of_time(one, other, slug):
    moments = timestamp(one), timestamp(other)
    assert None not in moments
    assert (one < other) == (moments[0] < moments[1])


@given(MOMENTS, st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_a_new_version_is_a_real_moment_later_than_the_newest(now, newest):
    assume(newest < "99980000000000")
    version = next_version(now, newest)
    assert version > newest
    assert timestamp(version) is not None
    assert next_version(now, None) == now.strftime("%Y%m%d%H%M%S")


def test_the_next_version_is_the_next_second_where_the_clock_is_behind():
    assert next_version(datetime(2025, 12, 1), "20251231235959") == "20260101000000"
    assert next_version(datetime(2025, 12, 1), "20251301000000") == "20260101000000"
    assert next_version(datetime(2025, 12, 1), "20251201999999") == "20251202000000"
    with pytest.raises(OverflowError):
        next_version(datetime(2025, 12, 1), "99999999999999")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("20251201_140000_add_x.sql", "20251201"),
        ("20251201140000_add_x.sql", "20251201140000"),
        ("0001_init.sql", "0001"),
        ("20250115_c.down.sql", "20250115"),
        ("20200101000000_init.sql", None),
        ("20211209000000_init.sql", "20211209000000"),
        ("add_x.sql", None),
        ("20251201140000-add_x.sql", None),
        ("1_.sql", "1"),
    ],
)
def test_what_the_supabase_cli_takes_for_the_version(name, version):
    assert cli_version(name) == version


@pytest.mark.parametrize(
    "name", ["x.sql", "20251201_140000.sql", "20251201140000_.sql", "1_a.SQL", "_a.sql", "٣_a.sql"]
)
def test_what_is_no_name(name):
    assert parse_name(name) is None


def test_versions_in_a_text():
    text = "needs 20251130_090000_add_x and 20251130100000; not 2025113009000099 or 20251130"
    assert versions_in(text) == ("20251130090000", "20251130100000")


@given(st.text(max_size=200))
def test_a_slug_keeps_the_rules(text):
    slug = slugify(text)
    assert len(slug) <= MAX_DESCRIPTION
    assert slug == "" or re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", slug)
    assert slugify(slug) == slug
    assert not [fault for fault in description_faults(slug or "add") if "verb" not in fault]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Add user preferences", "add_user_preferences"),
        ("addUserPreferences.sql", "add_user_preferences"),
        ("Größe ändern: A&B", "grosse_andern_a_b"),
        ("add " + "very " * 20 + "long", "add_very_very_very_very_very_very_very_very_very"),
        ("x" * 80, "x" * 50),
    ],
)
def test_slugs(text, slug):
    assert slugify(text) == slug


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("add_users", None),
        ("Add_users", "lower-case"),
        ("add__users", "single underscores"),
        ("users_table", "begin with a verb"),
        ("add_" + "x" * 50, "at most 50 characters, not 54"),
        ("", "lower-case"),
    ],
)
def test_the_guides_rules_for_a_description(description, words):
    faults = description_faults(description)
    assert not faults if words is None else any(words in fault for fault in faults)
