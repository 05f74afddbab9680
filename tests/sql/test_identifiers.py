from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.sql.identifiers import MAX_BYTES, QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import parse_expression, parse_one

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=15)


@given(NAME)
def test_a_quoted_name_is_read_back_as_itself(name: str) -> None:
    tree = parse_one(f"DROP TABLE {quote(name)}").tree
    assert tree["objects"][0]["List"]["items"] == [{"String": {"sval": name}}]


@given(TEXT)
def test_a_literal_is_read_back_as_itself(text: str) -> None:
    assert parse_expression(literal(text))["A_Const"].get("sval", {}).get("sval", "") == text


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("users", "users"),
        ("user", '"user"'),
        ("Users", '"Users"'),
        ('a"b', '"a""b"'),
        ("1a", '"1a"'),
        ("é", '"é"'),
    ],
)
def test_only_names_that_need_it_are_quoted(name: str, quoted: str) -> None:
    assert quote(name) == quoted


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_impossible_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        quote(name)


@given(st.lists(NAME, min_size=1, max_size=6))
def test_a_derived_name_always_fits_and_long_ones_stay_apart(parts: list[str]) -> None:
    name = derived_name(*parts, suffix="_idx")
    assert len(name.encode()) <= MAX_BYTES
    longer = derived_name(*parts, "x" * 80, suffix="_idx")
    other = derived_name(*parts, "x" * 79 + "y", suffix="_idx")
    assert longer != other


def test_a_qualified_name_has_a_plain_and_a_quoted_form() -> None:
    name = QualifiedName("app", "Order")
    assert (str(name), name.sql) == ("app.Order", 'app."Order"')
