"""Round trips below psycopg's cursors: what they answer, what is left when one fails, is interrupted or cut off."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers import Database

from lockgate.engine.wire import Wire
from lockgate.sql.messages import Message

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))


@pytest.fixture
def wire(pg: Database) -> Iterator[Wire]:
    with psycopg.connect(pg.url, autocommit=True) as connection:
        yield Wire(connection)


def value_of(wire: Wire, sql: str) -> object:
    row = wire.connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


def test_answers_are_there_when_the_round_trip_has_ended(wire: Wire) -> None:
    question = Message("SELECT %(n)s::int + 1, '100%%', %(gone)s::text, %(n)s::text", {"n": 41, "gone": None})
    with wire.round_trip():
        made = wire.run("CREATE TABLE t AS SELECT generate_series(1, 5) n", "made")
        changed = wire.run("UPDATE t SET n = n + 1 WHERE n > 2", "changed")
        answer = wire.ask(question)
        empty = wire.run("-- nothing", "empty")
    assert answer.rows == [("42", "100%", None, "41")]
    assert (made.row_count, changed.row_count, empty.row_count) == (None, 3, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(TEXTS)
def test_any_texts_arrive_as_they_are(wire: Wire, texts: list[str | None]) -> None:
    message = Message("SELECT count(*) FROM unnest(%(texts)s::text[]) AS t (t)", {"texts": texts})
    single = Message("SELECT (%(texts)s::text[])[%(n)s::int]", {"texts": texts, "n": len(texts)})
    with wire.round_trip():
        count, last = wire.ask(message), wire.ask(single)
    assert count.rows == [(str(len(texts)),)]
    assert last.rows == [(texts[-1] if texts else None,)]


def sent(wire: Wire, *statements: str) -> None:
    """One transaction of some statements in one round trip; each is its own name."""
    with wire.round_trip():
        wire.tell(b"BEGIN")
        for sql in statements:
            wire.run(sql, (sql,))
        wire.tell(b"COMMIT")


def test_nothing_after_a_failure_is_executed_and_the_failure_names_its_statement(wire: Wire) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero) as caught:
        sent(wire, "CREATE TABLE before (n int)", "SELECT 1 / 0", "CREATE TABLE after (n int)")
    assert caught.value.lockgate_statement == ("SELECT 1 / 0",)  # type: ignore[attr-defined]
    assert wire.connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
    wire.connection.execute("ROLLBACK")
    assert value_of(wire, "SELECT coalesce(to_regclass('before'), to_regclass('after'))") is None


def test_what_is_kept_survives_changes_of_the_schema_and_failures(wire: Wire) -> None:
    question = Message("SELECT 1 + %(n)s::int", {"n": 1})
    sent(wire, "CREATE TABLE t (n int)", "ALTER TABLE t ADD m int")
    with wire.round_trip():
        wire.ask(question)
    with pytest.raises(psycopg.errors.UndefinedTable):
        sent(wire, "ALTER TABLE t ADD k int", "DROP TABLE not_there")
    wire.connection.execute("ROLLBACK")
    sent(wire, "DROP TABLE t")
    with wire.round_trip():
        known, new = wire.ask(question), wire.ask(Message("SELECT 2 + %(n)s::int", {"n": 1}))
    assert (known.rows, new.rows) == ([("2",)], [("3",)])
    names = wire.connection.execute("SELECT name FROM pg_prepared_statements ORDER BY name").fetchall()
    assert names == [(f"lockgate_kept_{number}",) for number in range(4)]


def test_large_statements_and_large_answers_pass_each_other(wire: Wire) -> None:
    with wire.round_trip():
        answers = [wire.run(f"SELECT repeat('x', 2000000), length('{'y' * 2_000_000}')", n) for n in range(4)]
    assert [answer.rows[0][1] for answer in answers] == ["2000000"] * 4


def test_an_interruption_leaves_a_connection_that_works(wire: Wire) -> None:
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sent(wire, "SELECT pg_sleep(30)")
    timer.join()
    wire.connection.execute("ROLLBACK")
    assert value_of(wire, "SELECT 'fine'") == "fine"


def test_an_error_of_our_own_leaves_a_connection_that_works(wire: Wire) -> None:
    with pytest.raises(UnicodeEncodeError):
        sent(wire, "SELECT pg_sleep(30)", "SELECT '\udc80'")
    wire.connection.execute("ROLLBACK")
    assert value_of(wire, "SELECT 'fine'") == "fine"


def test_a_connection_that_is_ended_is_broken(wire: Wire) -> None:
    with pytest.raises(psycopg.OperationalError):
        sent(wire, "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)")
    assert wire.connection.broken
    with pytest.raises(psycopg.OperationalError):
        sent(wire, "SELECT 1")
