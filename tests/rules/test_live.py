"""Every example of every page on a real server: the unsafe one shows its hazard, the safe one runs and does not."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from tests.rules.case_files import RULES, Case, examples, history_of, load
from tests.rules.live import Effect, claims, rows_of, run, why_not
from tests.servers import PLAIN, SUPABASE, SessionServer

from lockgate.analysis.rules.base import Rule
from lockgate.local.flavours import Flavour

pytestmark = pytest.mark.server

UNDEFINED = ("42P01", "3F000", "42704", "42883", "42703")
"""Table, schema, object, function, column: a case about something that nobody knows cannot run."""


def _live_rules() -> list[Rule]:
    return [rule for rule in RULES.values() if rule.until >= 15 and not why_not(rule.id)]


Servers = Callable[[int, Flavour], SessionServer]


@contextlib.contextmanager
def _prepared(servers: Servers, rule: Rule) -> Iterator[psycopg.Connection]:
    """A database with the history of a rule's case file and its rows, on the newest version that the rule knows."""
    flavour = SUPABASE if rule.platform == "supabase" else PLAIN
    with servers(max(17, rule.since), flavour).database() as database, database.connect() as connection:
        if flavour is PLAIN:
            connection.execute("SET allow_in_place_tablespaces = on")
        run(connection, history_of(rule.id))
        run(connection, rows_of(rule.id))
        yield connection


@pytest.mark.parametrize("rule", _live_rules(), ids=lambda rule: rule.id)
def test_unsafe_example_shows_its_hazard(rule: Rule, session_servers: Servers) -> None:
    expected = claims(rule.id)
    for sql in examples(rule, "Unsafe"):
        with _prepared(session_servers, rule) as connection:
            if "error" in expected:
                with pytest.raises(psycopg.Error) as caught:
                    run(connection, sql)
                assert caught.value.sqlstate == expected["error"]
            else:
                effects = run(connection, sql)
                assert {name: str(effects.get(name, Effect())) for name in expected} == expected


@pytest.mark.parametrize("rule", _live_rules(), ids=lambda rule: rule.id)
def test_safe_example_runs_without_it(rule: Rule, session_servers: Servers) -> None:
    for sql in examples(rule, "Safe"):
        with _prepared(session_servers, rule) as connection:
            effects = run(connection, sql)
            stopped = {name: str(effect) for name, effect in effects.items() if effect.stops_traffic}
            assert {name: what for name, what in stopped.items() if name in claims(rule.id)} == {}


@pytest.mark.parametrize("major", [15, 16, 17, 18])
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("VACUUM FULL orders", "AccessExclusiveLock rewrite"),
        ("CLUSTER", "AccessExclusiveLock rewrite"),
        ("REINDEX SCHEMA public", "ShareLock"),
        ("VACUUM orders", "AccessShareLock"),
    ],
)
def test_what_no_block_takes_is_seen_from_another_session(
    major: int, sql: str, expected: str, session_servers: Servers
) -> None:
    with session_servers(major, PLAIN).database() as database, database.connect() as connection:
        run(connection, "CREATE TABLE orders (id bigint PRIMARY KEY); INSERT INTO orders VALUES (1);")
        run(connection, "ALTER TABLE orders CLUSTER ON orders_pkey;")
        assert str(run(connection, sql).get("orders", Effect())) == expected


_STRONG = re.compile(r"\b(ACCESS EXCLUSIVE|SHARE ROW EXCLUSIVE|(?<!UPDATE )EXCLUSIVE|SHARE(?! UPDATE))\b")
_NOT_THEIR_OWN = {
    "missing-idle-in-transaction-timeout": "the lock of any statement",
    "missing-statement-timeout": "the lock of any statement",
    "rls-enabled-before-policy-in-other-tx": "the locks of policy-ddl-access-exclusive; the hazard is the gap",
    "fkey-to-auth-unique": "the lock of create-table-fk-locks-referenced; the hazard is the constraint",
    "change-type-using-wrong-column": "the lock of change-column-type; the hazard is the wrong values",
    "drop-sequence-or-extension": "nothing that is a table",
}
"""Rules whose page names a lock that another rule, or the table of measured forms, proves."""


def _claims_a_lock(rule: Rule) -> bool:
    section = rule.doc.partition("## Lock")[2].partition("## ")[0]
    return bool(_STRONG.search(section))


def test_whoever_claims_a_lock_has_its_proof() -> None:
    claiming = {rule.id for rule in RULES.values() if _claims_a_lock(rule) and rule.until >= 15}
    unproved = {rule for rule in claiming if not claims(rule) and not why_not(rule)}
    assert unproved == set(_NOT_THEIR_OWN)


def _with_safe_sql() -> list[Case]:
    """The cases whose finding says what to write instead, and that says all of it."""
    chosen = [case for case in load() if case.unsafe and case.major >= 15 and case.data.get("recheck", True)]
    plain = [case for case in chosen if not why_not(case.rule) and case.data.get("platform") != "supabase"]
    return [case for case in plain if any(finding.safe for finding in case.findings())]


@pytest.mark.parametrize("case", _with_safe_sql(), ids=str)
def test_safe_sql_of_a_case_runs(case: Case, session_servers: Servers) -> None:
    found = [finding for finding in case.findings() if finding.safe]
    for finding in found:
        with session_servers(case.major, PLAIN).database() as database, database.connect() as connection:
            connection.execute("SET allow_in_place_tablespaces = on")
            run(connection, case.data.get("history", ""))
            _run_or_skip(connection, finding.safe)


def _run_or_skip(connection: psycopg.Connection, sql: str) -> None:
    try:
        run(connection, sql)
    except psycopg.Error as error:
        if error.sqlstate not in UNDEFINED:
            raise
        pytest.skip("the case is about something that nobody knows")
