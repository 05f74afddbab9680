"""What a change of type reads, and in which time zone: said, asked for, or left to a person."""

from __future__ import annotations

import pytest

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.planning.changes import Change
from lockgate.planning.propose import Setting, propose

SCHEMA = "CREATE TABLE public.users (id bigint PRIMARY KEY, age int, name text, made timestamp);"


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
