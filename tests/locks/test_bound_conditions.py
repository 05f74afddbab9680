"""The condition that a bound means: the server says itself that it believes it, and reads no row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.servers import PLAIN, SessionServer

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.locks import forecast
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.local.flavours import Flavour
from lockgate.sql.parse import parse, parse_one

pytestmark = pytest.mark.server

BOUNDS = (
    ("RANGE (a)", "FROM (10) TO (20)"),
    ("RANGE (a)", "FROM (MINVALUE) TO (20)"),
    ("RANGE (a)", "FROM (10) TO (MAXVALUE)"),
    ("RANGE (a, b)", "FROM (1, 10) TO (1, 20)"),
    ("RANGE (a, b)", "FROM (1, 10) TO (2, 20)"),
    ("RANGE (a, b)", "FROM (1, MINVALUE) TO (2, MAXVALUE)"),
    ("RANGE (a, b)", "FROM (1, MINVALUE) TO (1, 20)"),
    ("RANGE (a, b)", "FROM (MINVALUE, MINVALUE) TO (3, 4)"),
    ("RANGE (a, b, c)", "FROM (1, 2, 3) TO (1, 2, 9)"),
    ("RANGE (a, b, c)", "FROM (1, 2, 3) TO (1, 8, MINVALUE)"),
    ("RANGE (a, b, c)", "FROM (1, 2, MAXVALUE) TO (4, 5, 6)"),
    ("LIST (a)", "IN (1, 2)"),
    ("LIST (a)", "IN (1, NULL)"),
    ("LIST (a)", "IN (NULL)"),
)
MADE = """CREATE TABLE p (a int, b int, c int) PARTITION BY {key};
CREATE TABLE d PARTITION OF p DEFAULT; CREATE TABLE n (a int, b int, c int);"""
ATTACH = "ALTER TABLE p ATTACH PARTITION n FOR VALUES {bound}"


def state_of(script: str, major: int) -> Catalog:
    state = Catalog(major=major)
    state.begin_unit(0)
    for statement in parse(script).statements:
        replay(state, statement.kind, statement.tree)
    state.begin_unit(1)
    return state


@pytest.mark.parametrize("major", [15, 18])
def test_the_server_believes_it(major: int, session_servers: Callable[[int, Flavour], SessionServer]) -> None:
    with session_servers(major, PLAIN).database() as database, database.connect() as connection:
        said: list[str] = []
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        for key, bound in BOUNDS:
            made, attach = MADE.format(key=key), parse_one(ATTACH.format(bound=bound))
            command = attach.tree["cmds"][0]["AlterTableCmd"]["def"]["PartitionCmd"]
            parent = state_of(made, major).relation("", "p")
            assert parent is not None
            condition = bound_condition(parent.partition_key, command["bound"])
            script = (
                f"{made} ALTER TABLE n ADD CHECK ({condition}); ALTER TABLE d ADD CHECK (NOT ({condition}));"
            )
            connection.execute(f"{script} SET client_min_messages = debug1")
            said.clear()
            connection.execute(attach.sql.encode())
            connection.execute("RESET client_min_messages; DROP TABLE p")
            believed = [message for message in said if "implied by existing constraints" in message]
            assert ['"n"' in message for message in believed] == [True, False], (key, bound, condition, said)
            state = state_of(script, major)
            scans = [lock.relation.name for lock in forecast(attach, state, major).relations if lock.scan]
            assert scans == [], (key, bound, condition)
