"""``-- lockgate: allow``: what a migration opens on purpose."""

from __future__ import annotations

import pytest

from lockgate.migration.directives import Allow, parse_directives
from lockgate.sql.parse import parse


def test_who_what_where_and_why() -> None:
    called = "-- lockgate: allow anon execute on public.find(a text, b int) it finds published rows"
    (function,) = parse_directives(parse(f"{called}\nSELECT 1;"), "x.sql").of(Allow)
    assert (function.relation, function.reason) == ("public.find(a text, b int)", "it finds published rows")
    one = "-- lockgate: allow anon select, update on posts all may read"
    other = '-- lockgate: allow "claim org" INSERT on a.b why not'
    found = parse_directives(parse(f"{one}\n{other}\nSELECT 1;"), "x.sql")
    first, second = found.of(Allow)
    assert not found.errors
    assert (first.who, first.commands, first.relation) == ("anon", ("select", "update"), "public.posts")
    assert first.reason == "all may read"
    assert (second.who, second.commands, second.relation) == ("claim org", ("insert",), "a.b")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("anon", "allow takes somebody"),
        ("anon truncate on posts because", "allow takes somebody"),
        ("anon select on posts", "needs a reason"),
    ],
)
def test_everything_else_is_an_error_with_its_place(words: str, problem: str) -> None:
    (error,) = parse_directives(parse(f"-- lockgate: allow {words}\nSELECT 1;"), "x.sql").errors
    assert problem in error.message
    assert error.message.startswith("x.sql:1:")
