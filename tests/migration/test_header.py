"""The header of the guide's template."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.migration.header import FIELDS, check_header, parse_header
from lockgate.types import MigrationType, Risk

GUIDE = """-- ============================================================================
-- Migration: [Description]
-- ============================================================================
-- Date: YYYY-MM-DD
-- Author: Your Name
-- Type: [Schema/Data/RLS/Function]
-- Risk: [Low/Medium/High]
-- Rollback: See rollbacks/YYYYMMDD_HHMMSS_rollback.sql
--
-- Changes:
-- - List all changes
-- - Be specific
--
-- Dependencies:
-- - Previous migrations required
-- - Application version compatibility
--
-- Testing:
-- - Test scenarios covered
-- - Edge cases verified
-- ============================================================================

-- Safety checks
-- Note: Risk: none of this is a header
"""

FILLED = """-- ============================================================================
-- Migration: Add user preferences
-- ============================================================================
-- Date: 2025-12-01
-- Author: Ann Example
-- Type: Schema + RLS
-- Risk: low
-- Rollback: See rollbacks/20251201_140000_rollback.sql
--
-- Changes:
-- - a table for preferences,
--   one row for each user
-- - a policy
--
-- Dependencies:
-- - 20251130_090000_create_users
-- - application 2.4 or later
--
-- Testing:
-- - every command as anon and as a member
-- ============================================================================
CREATE TABLE t ();
"""

VERSION = "20251201140000"
ROLLBACK = "20251201_140000_rollback.sql"


def faults(text: str, rollback: str | None = ROLLBACK) -> list[tuple[str, str, int, int]]:
    found = check_header(parse_header(text), VERSION, rollback)
    return [(fault.field, fault.kind, fault.position.line, fault.position.column) for fault in found]


def test_a_filled_header_is_read_field_by_field():
    header = parse_header(FILLED)
    assert header.title == "Add user preferences"
    assert header.date == date(2025, 12, 1)
    assert header.author == "Ann Example"
    assert header.types == (MigrationType.SCHEMA, MigrationType.RLS)
    assert header.risk is Risk.LOW
    assert header.rollback == "See rollbacks/20251201_140000_rollback.sql"
    assert header.changes == ("a table for preferences, one row for each user", "a policy")
    assert header.dependencies == ("20251130090000",)
    assert header.testing == ("every command as anon and as a member",)
    assert faults(FILLED) == []
    assert faults(FILLED.replace("\n", "\r\n")) == []
    assert faults(FILLED, "20251201140000_rollback.sql") == []
    assert faults(FILLED, None) == []


def test_the_guides_template_is_a_header_without_contents():
    header = parse_header(GUIDE)
    assert set(header.fields) == set(FIELDS)
    assert [header.title, header.date, header.author, header.risk, header.rollback] == [None] * 5
    assert [header.types, header.changes, header.dependencies, header.testing] == [()] * 4
    assert [(field, kind) for field, kind, _, _ in faults(GUIDE)] == [
        (name, "placeholder") for name in FIELDS
    ]
    assert [line for _, _, line, _ in faults(GUIDE)] == [2, 4, 5, 6, 7, 8, 10, 14, 18]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Date: 2025-12-01", "Date: 2025-13-01", ("Date", "invalid", 4, 4)),
        ("Date: 2025-12-01", "Date: 1.12.2025", ("Date", "invalid", 4, 4)),
        ("Date: 2025-12-01", "Date: 2025-11-30", ("Date", "mismatch", 4, 4)),
        ("Schema + RLS", "Schema + Rows", ("Type", "invalid", 6, 4)),
        ("Risk: low", "Risk: tiny", ("Risk", "invalid", 7, 4)),
        ("Risk: low", "Risk:", ("Risk", "missing", 7, 4)),
        ("-- Risk: low\n", "", ("Risk", "missing", 2, 4)),
        ("-- Risk: low", "-- Risck: low", ("Risk", "unknown", 7, 4)),
        ("-- Risk: low", "-- Risk: low\n-- Risk: High", ("Risk", "duplicate", 8, 4)),
        ("20251201_140000_rollback", "20251201_150000_rollback", ("Rollback", "mismatch", 8, 4)),
        ("20251130_090000", "20251201_140000", ("Dependencies", "mismatch", 15, 4)),
        ("-- - every command as anon and as a member\n", "", ("Testing", "missing", 19, 4)),
        ("Ann Example", "TODO", ("Author", "placeholder", 5, 4)),
    ],
)
def test_each_fault_of_a_header_has_its_place(old: str, new: str, expected: tuple[str, str, int, int]):
    assert old in FILLED
    assert expected in faults(FILLED.replace(old, new, 1))


def test_a_file_without_a_header_says_so_once():
    assert faults("CREATE TABLE t ();\n-- Date: 2025-12-01\n-- Author: x\n") == [
        ("Migration", "missing", 1, 1)
    ]
    assert faults("-- Note: this is a comment\n-- see also: nothing\n") == [("Migration", "missing", 1, 1)]
    assert not parse_header("").is_present


def test_the_header_of_a_rollback():
    header = parse_header(
        "-- Rollback: Add users\n-- Date: 2025-12-01\n-- Rollback for: migrations/20251201_140000_add_users.sql\n"
        "--\n-- Steps to rollback:\n-- 1. Backup current state\n-- 2. Run this script\nDROP TABLE users;"
    )
    assert header.text("Rollback for") == "migrations/20251201_140000_add_users.sql"
    assert header.items("Steps to rollback") == ("Backup current state", "Run this script")


WORDS = st.from_regex(r"[A-Za-z][a-z]{1,8}( [a-z]{2,8}){0,5}", fullmatch=True).filter(
    lambda text: not text.lower().startswith("todo")
)
ITEMS = st.lists(WORDS, min_size=1, max_size=4)


@given(
    title=WORDS,
    day=st.dates(date(1900, 1, 1), date(9999, 1, 1)),
    author=WORDS,
    types=st.lists(st.sampled_from(list(MigrationType)), min_size=1, unique=True),
    risk=st.sampled_from(list(Risk)),
    lists=st.fixed_dictionaries({"Changes": ITEMS, "Dependencies": ITEMS, "Testing": ITEMS}),
    ruler=st.sampled_from(["-- " + "=" * 76, "--", "-- ----"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_a_written_header_is_read_back(title, day, author, types, risk, lists, ruler, ending):
    lines = [
        ruler,
        f"-- Migration: {title}",
        ruler,
        f"-- Date: {day:%Y-%m-%d}".replace(f"{day:%Y}", f"{day.year:04}"),
        f"-- Author: {author}",
        f"-- Type: {' + '.join(types)}",
        f"-- Risk: {risk}",
        "-- Rollback: none",
    ]
    for name, items in lists.items():
        lines += ["--", f"-- {name}:", *(f"-- - {item}" for item in items)]
    header = parse_header(ending.join([*lines, ruler, "SELECT 1;"]))
    assert (header.title, header.date, header.author) == (title, day, author)
    assert (header.types, header.risk) == (tuple(types), risk)
    assert {name: list(header.items(name)) for name in lists} == lists
    assert check_header(header, day.strftime("%Y%m%d").rjust(8, "0") + "000000") == ()


@given(st.text(alphabet="-: \n\r\tMigratonDeTyp=*.1", max_size=200))
def test_any_text_has_a_header_or_none(text: str):
    header = parse_header(text)
    for field in header.fields.values():
        assert text[field.position.offset :].lower()[:4].strip()
        line = text[: field.position.offset].count("\n") + 1
        assert field.position.line == line
