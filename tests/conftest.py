"""Fixtures for all tests: a database of one's own on a real server, in a few hundredths of a second.

``pg`` and ``supabase_db`` take a major version by indirect parametrisation::

    @pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
    def test_something(pg): ...
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests.servers import PLAIN, SUPABASE, Database, SessionServer

from lockgate.errors import LocalServerError
from lockgate.local.binaries import DEFAULT_MAJOR
from lockgate.local.flavours import Flavour

anywhere = settings(print_blob=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No test depends on the speed of the machine."""

settings.register_profile("every-run", anywhere, derandomize=True)
settings.register_profile("nightly", anywhere)
settings.load_profile("nightly" if os.environ.get("LOCKGATE_NIGHTLY") else "every-run")
"""A run that decides about a change tries the same cases each time; the nightly one looks for new ones."""

REQUIRE_SERVERS = "LOCKGATE_TEST_REQUIRE_SERVERS"
"""Set to 1 where a missing server must fail the run instead of skipping tests."""

ServerSource = Callable[[int, Flavour], SessionServer]


@pytest.fixture(scope="session")
def session_servers() -> Iterator[ServerSource]:
    """The servers of this run by major version and flavour, each started when it is first asked for."""
    servers: dict[tuple[int, str], SessionServer] = {}

    def get(major: int, flavour: Flavour) -> SessionServer:
        key = (major, flavour.name)
        if key not in servers:
            servers[key] = SessionServer(major, flavour)
        return servers[key]

    yield get
    for server in servers.values():
        server.close()


@pytest.fixture
def pg(request: pytest.FixtureRequest, session_servers: ServerSource) -> Iterator[Database]:
    """A fresh database on a plain server, as superuser; PostgreSQL 17 unless parametrised."""
    yield from _database(request, session_servers, PLAIN)


@pytest.fixture
def supabase_db(request: pytest.FixtureRequest, session_servers: ServerSource) -> Iterator[Database]:
    """A fresh Supabase-like database as the role ``postgres`` of hosted projects; 17 unless parametrised."""
    yield from _database(request, session_servers, SUPABASE)


def _database(request: pytest.FixtureRequest, servers: ServerSource, flavour: Flavour) -> Iterator[Database]:
    major = getattr(request, "param", DEFAULT_MAJOR)
    try:
        server = servers(major, flavour)
    except LocalServerError as error:
        if os.environ.get(REQUIRE_SERVERS) == "1" or "no PostgreSQL" not in error.message:
            raise
        pytest.skip(f"{error.message}: {'; '.join(error.next_steps)}")
    with server.database() as database:
        yield database
