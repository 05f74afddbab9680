"""Random schemas, random statements: whatever applies is undone exactly, rows included, or is declared irreversible.

``LOCKGATE_NIGHTLY=1`` tries thousands of cases instead of hundreds. Each example is one schema with several cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, event, given, note, settings
from hypothesis import strategies as st
from tests.inverse.playing import round_trip, scope_of, start
from tests.inverse.random_schemas import NAMES, PREPARATION, World, insert, statement
from tests.sampling import NIGHTLY
from tests.servers import Database

from lockgate.catalog import Snapshot, read
from lockgate.sql.identifiers import quote

EXAMPLES = 600 if NIGHTLY else 10
CASES = 5
Draw = Callable[[st.SearchStrategy[Any]], Any]


@pytest.fixture
def connection(pg: Database) -> Iterator[psycopg.Connection[Any]]:
    """One connection for all examples: each leaves the database as it was."""
    with pg.connect() as made:
        yield made


@pytest.mark.parametrize("pg", [15, 18], indirect=True)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not NIGHTLY,
    # A failing case names its SQL; making it smaller takes minutes of a server's time.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_what_applies_is_undone_exactly_or_declared(
    connection: psycopg.Connection[Any], data: st.DataObject
) -> None:
    with connection.transaction(force_rollback=True):
        schema = data.draw(st.sampled_from(NAMES))
        _grow(connection, data.draw, schema)
        begin = start(connection)
        for _ in range(CASES):
            sql = _file(connection, data.draw, schema)
            if not sql:
                continue
            note(sql)
            result = round_trip(connection, sql, begin)
            event("exact" if result.exact else "irreversible" if result.inverse.reason else "wrong")
            if result.inverse.possible:
                assert result.error is None, (sql, result.error, result.inverse.sql)
                assert result.schema == [], (sql, result.inverse.sql)
                assert result.lost == {}, (sql, result.inverse.sql)


def _grow(connection: psycopg.Connection[Any], draw: Draw, schema: str) -> None:
    """A schema with a dozen random objects and some rows."""
    connection.execute(f"CREATE SCHEMA {quote(schema)}; SET LOCAL search_path = public")
    connection.execute(PREPARATION.format(s=quote(schema)))
    snapshot = _look(connection)
    for _ in range(draw(st.integers(3, 10))):
        sql = statement(draw, snapshot, schema)
        if sql and _accepted(connection, sql):
            snapshot = _look(connection)
    for table in World(draw, snapshot, schema).tables():
        for _ in range(draw(st.integers(0, 3))):
            _accepted(connection, insert(World(draw, snapshot, schema), table))


def _file(connection: psycopg.Connection[Any], draw: Draw, schema: str) -> str:
    """One to four statements that the server accepts after each other."""
    accepted = []
    with connection.transaction(force_rollback=True):
        snapshot = _look(connection)
        for _ in range(draw(st.integers(1, 4))):
            sql = statement(draw, snapshot, schema)
            if sql and _accepted(connection, sql):
                accepted.append(sql)
                snapshot = _look(connection)
    return ";\n".join(accepted)


def _look(connection: psycopg.Connection[Any]) -> Snapshot:
    return read(connection, scope_of(""), often=True)


def _accepted(connection: psycopg.Connection[Any], sql: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(sql)  # type: ignore[call-overload]
    except psycopg.Error:
        return False
    return True
