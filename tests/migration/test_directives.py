"""Directives: read strictly, each with its place and its statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.backfill.options import options_from_directive
from lockgate.migration.directives import (
    Backfill,
    Change,
    Directives,
    Gate,
    Ignore,
    Irreversible,
    NoTransaction,
    parse_directives,
)
from lockgate.sql.parse import parse


def read(text: str) -> Directives:
    return parse_directives(parse(text), "migrations/1_x.sql")


def test_every_directive():
    found = read(
        """-- lockgate: no-transaction
-- lockgate: change rename-users-name 2/3 migrate
-- lockgate: gate "the new application is \\"deployed\\" everywhere"
-- lockgate: irreversible the old values are gone
-- lockgate: backfill batch=5_000 pause=0.1s key=tenant,"Id"
UPDATE users SET name = upper(name);
-- lockgate: ignore drop-column, rename-table nobody reads it since 2.4
ALTER TABLE users DROP COLUMN old; -- lockgate: ignore other-rule and here as well
"""
    )
    assert found.errors == ()
    assert found.first(NoTransaction)
    change = found.first(Change)
    assert change
    assert (change.name, change.number, change.total, change.phase) == ("rename-users-name", 2, 3, "migrate")
    assert [gate.text for gate in found.of(Gate)] == ['the new application is "deployed" everywhere']
    irreversible = found.first(Irreversible)
    assert irreversible
    assert irreversible.reason == "the old values are gone"
    (backfill,) = found.on(0, Backfill)
    assert (backfill.batch, backfill.pause, backfill.key) == (5000, 0.1, ("tenant", "Id"))
    assert [(item.rules, item.reason) for item in found.on(1, Ignore)] == [
        (("drop-column", "rename-table"), "nobody reads it since 2.4"),
        (("other-rule",), "and here as well"),
    ]
    assert [(item.position.line, item.position.column) for item in found.all] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 1),
        (7, 1),
        (8, 36),
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("-- lockgate: no-transactoin\n", "1:14", "did you mean no-transaction?"),
        ("-- lockgate: backfil\n", "1:14", "did you mean backfill?"),
        ("-- lockgate:\n", "1:13", "an empty directive; known: no-transaction, backfill"),
        ("SELECT 1;\n  -- lockgate: no-transaction please\n", "2:31", "takes nothing behind it"),
        (
            "-- lockgate: no-transaction\n-- lockgate: no-transaction\n",
            "2:14",
            "stands twice, first in line 1",
        ),
        ("-- lockgate: backfill size=3\nUPDATE a SET b = 1", "1:23", "unknown option size="),
        ("-- lockgate: backfill batches=3\nUPDATE a SET b = 1", "1:23", "did you mean batch=?"),
        ("-- lockgate: backfill batch=0\nUPDATE a SET b = 1", "1:29", "a whole number from 1 to 1000000"),
        ("-- lockgate: backfill batch=1e3\nUPDATE a SET b = 1", "1:29", "a whole number"),
        ("-- lockgate: backfill batch=1 batch=2\nUPDATE a SET b = 1", "1:31", "batch= stands twice"),
        ("-- lockgate: backfill pause=1\nUPDATE a SET b = 1", "1:29", "a duration such as 0.1s"),
        ("-- lockgate: backfill key=a,\nUPDATE a SET b = 1", "1:27", "column names"),
        ("-- lockgate: backfill key=a.b\nUPDATE a SET b = 1", "1:27", "column names"),
        ("-- lockgate: backfill slowly\nUPDATE a SET b = 1", "1:23", "'slowly' is not an option"),
        ("-- lockgate: backfill walk=up\nUPDATE a SET b = 1", "1:28", "keyset, strided or pages"),
        ("-- lockgate: backfill quiet=noon\nUPDATE a SET b = 1", "1:29", "a span of hours"),
        ("-- lockgate: backfill left=some\nUPDATE a SET b = 1", "1:28", "error or note"),
        ("-- lockgate: backfill\nCREATE TABLE a (b int)", "1:14", "not to CREATE TABLE a …"),
        (
            "-- lockgate: backfill\nINSERT INTO a VALUES (1)",
            "1:14",
            "belongs to an UPDATE, DELETE or INSERT … SELECT",
        ),
        ("UPDATE a SET b = 1;\n\n-- lockgate: backfill\n", "3:14", "but none follows"),
        ("-- lockgate: change x\n", "1:21", "change takes a name"),
        ("-- lockgate: change A 1/3 expand\n", "1:21", "is lower case"),
        ("-- lockgate: change a 4/3 expand\n", "1:23", "phases count from 1"),
        ("-- lockgate: change a 0/3 expand\n", "1:23", "phases count from 1"),
        ("-- lockgate: change a 1/3 expanding\n", "1:27", "a phase is expand, migrate or contract"),
        ("-- lockgate: gate deployed\n", "1:19", "a text in double quotes"),
        ('-- lockgate: gate " "\n', "1:19", "a text in double quotes"),
        ('-- lockgate: gate "a" b\n', "1:19", "a text in double quotes"),
        ("-- lockgate: irreversible\n", "1:26", "needs a reason"),
        ("-- lockgate: irreversible --\n", "1:27", "needs a reason"),
        ("-- lockgate: ignore\nSELECT 1", "1:20", "ignore takes rules"),
        ("-- lockgate: ignore Drop\nSELECT 1", "1:21", "ignore takes rules"),
        ("-- lockgate: ignore drop-column\nSELECT 1", "1:32", "needs a reason behind drop-column"),
        ("-- lockgate: ignore a, b\nSELECT 1", "1:25", "needs a reason behind a, b"),
        ("SELECT 1;\n-- lockgate: ignore drop-column because\n", "2:14", "but none follows"),
        ("/* lockgate: no-transaction */ SELECT 1;", "1:1", "a directive is a line comment"),
        ("-- lockgate no-transaction\n", "1:1", "a directive has a colon"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(text: str, place: str, words: str):
    found = read(text)
    assert len(found.errors) == 1, found
    message = str(found.errors[0])
    assert message.startswith(f"migrations/1_x.sql:{place}: ")
    assert words in message


def test_a_directive_belongs_to_the_statement_before_which_or_in_which_it_stands():
    found = read(
        """SELECT 1;
-- lockgate: ignore before because it stands before
ALTER TABLE a -- lockgate: ignore inside because it stands inside
  DROP COLUMN b; -- lockgate: ignore behind because it stands behind
SELECT '-- lockgate: ignore text', $$
-- lockgate: ignore body
$$;
"""
    )
    assert found.errors == ()
    assert [(item.statement, item.rules) for item in found.of(Ignore)] == [
        (1, ("before",)),
        (1, ("inside",)),
        (1, ("behind",)),
    ]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE a SET b = 1", "DELETE FROM a", "INSERT INTO a SELECT 1", "WITH x AS (SELECT 1) DELETE FROM a"],
)
def test_what_can_be_chunked(statement: str):
    assert read(f"-- lockgate: backfill\n{statement};").on(0, Backfill)


def test_ordinary_comments_are_no_directives():
    assert read("-- lockgate is a tool\n-- see lockgate: it helps\n-- LOCKGATE\nSELECT 1;") == Directives()


def test_case_blanks_and_line_ends_do_not_matter():
    found = read("--Lockgate :\tno-transaction\t\r\n--lockgate:irreversible it is gone\r\nSELECT 1;\r\n")
    assert found.errors == ()
    assert found.first(NoTransaction)
    assert found.first(Irreversible)


def test_every_option_of_a_backfill_is_read_and_said_again():
    text = 'walk=pages target=50ms rate=2_000 quiet="22:00-06:00 Europe/Berlin" workers=2 triggers=skip left=note'
    (found,) = read(f"-- lockgate: backfill batch=10 {text}\nUPDATE a SET b = 1;").on(0, Backfill)
    assert dict(found.options) == {
        "batch": "10",
        "walk": "pages",
        "target": "50ms",
        "rate": "2_000",
        "quiet": "22:00-06:00 Europe/Berlin",
        "workers": "2",
        "triggers": "skip",
        "left": "note",
    }
    settings = options_from_directive(found.options).settings
    assert (settings.target_ms, settings.rows_per_second, settings.left) == (50.0, 2000.0, "note")


IDENTIFIERS = st.text(
    alphabet=st.characters(blacklist_characters='"\0\r\n', codec="utf-8"), min_size=1, max_size=12
)


@given(
    batch=st.integers(1, 1_000_000),
    pause=st.integers(0, 10_000),
    key=st.lists(IDENTIFIERS.filter(lambda name: not any(c.isspace() for c in name)), min_size=1, max_size=3),
)
def test_a_written_backfill_is_read_back(batch, pause, key):
    columns = ",".join('"' + name + '"' for name in key)
    found = read(f"-- lockgate: backfill key={columns} batch={batch} pause={pause}ms\nUPDATE a SET b = 1;")
    assert found.errors == ()
    (item,) = found.on(0, Backfill)
    assert (item.batch, item.key) == (batch, tuple(key))
    assert item.pause == pytest.approx(pause / 1000)


@given(st.text(alphabet=st.characters(blacklist_characters="\0\r\n", codec="utf-8"), max_size=40))
def test_any_gate_text_is_read_back_or_refused(text):
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    found = read(f'-- lockgate: gate "{written}"\nSELECT 1;')
    gates = [gate.text for gate in found.of(Gate)]
    assert gates == ([text.strip()] if text.strip() else [])


@given(
    st.lists(
        st.text(alphabet="lockgate: -ignore,backfill\"=/*\n;SELECT1'$", max_size=30).map(
            lambda text: f"-- lockgate: {text}"
        ),
        max_size=4,
    )
)
def test_any_comment_is_read_or_refused_with_a_place(lines):
    found = read("\n".join([*lines, "SELECT 1;"]))
    for error in found.errors:
        assert error.line
        assert error.column
