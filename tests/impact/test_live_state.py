"""The state that is made of a live schema against the server's catalog, and against what was measured there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.analysis import test_state as replay
from tests.locks import measurements
from tests.locks.compare import comparable, difference, predicted
from tests.locks.forms import all_forms
from tests.locks.measure import prepare, prepare_server
from tests.servers import PLAIN, SUPABASE, Database, SessionServer

from lockgate.analysis.check import replayed
from lockgate.analysis.options import Options
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.live import live_source
from lockgate.catalog import Scope, read
from lockgate.local.flavours import Flavour
from lockgate.sql.parse import parse

pytestmark = pytest.mark.server

SCRIPTS = Path(replay.__file__).parent / "scripts"
EVERYTHING = Path(__file__).parents[1] / "catalog" / "schemas" / "everything.sql"
MAJORS = (15, 16, 17, 18)
Servers = Callable[[int, Flavour], SessionServer]


def live(database: Database, platform: str = "postgres") -> Catalog:
    with database.connect_admin() as connection:
        snapshot = read(connection, Scope(platform=True, members=True))
    options = Options(major=database.major, platform=platform)  # type: ignore[arg-type]
    state = replayed([live_source(snapshot, "the schema")], options)
    state.begin_unit(1)
    return state


@pytest.mark.parametrize("major", [MAJORS[0], MAJORS[-1]])
@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.sql")))
def test_live_state_equals_the_server(script: str, major: int, session_servers: Servers) -> None:
    with session_servers(major, PLAIN).database() as database:
        with database.connect() as connection:
            for statement in parse((SCRIPTS / script).read_text("utf-8")).statements:
                connection.execute(statement.sql.encode())
        assert_equal(live(database), database, replay.VIEWS)


@pytest.mark.parametrize("major", MAJORS)
def test_live_state_knows_objects_of_every_kind(major: int, session_servers: Servers) -> None:
    """Aggregates and the constructors of ranges apart, which no rule and no lock depends on."""
    views = {name: view for name, view in replay.VIEWS.items() if name != "functions"}
    with session_servers(major, PLAIN).database() as database:
        with database.connect() as connection:
            connection.execute(EVERYTHING.read_bytes())
        assert_equal(live(database), database, views)


def assert_equal(state: Catalog, database: Database, views: Mapping[str, Callable[[Catalog], Any]]) -> None:
    """Everything that the views show is the same in the state and on the server."""
    with database.connect() as connection:
        connection.execute("SET search_path = ''")
        for name, view in views.items():
            query = (SCRIPTS.parent / "queries" / f"{name}.sql").read_bytes()
            there = {replay.frozen(row) for row in connection.execute(query)}
            if name == "functions":
                there = {(*row[:5], tuple(s.replace('""', "") for s in row[5])) for row in there}
            assert sorted(view(state) ^ there, key=repr) == [], name


@pytest.mark.parametrize("major", MAJORS)
def test_forecasts_on_a_live_schema_are_those_that_were_measured(
    major: int, session_servers: Servers
) -> None:
    """Every measured form is forecast from the catalog of the very server, instead of from a replayed script."""
    with session_servers(major, PLAIN).database() as database:
        prepare_server(database.admin_url)
        prepare(database.admin_url, major, "empty")
        state = live(database)
    kept = measurements.of_major(measurements.load(), major)
    wrong = []
    for form in all_forms():
        if major in form.majors and not form.settings:
            profile = measurements.stored_profile(form)
            found = comparable(predicted(form, state, major), form, profile)
            wrong += [f"{form.id}: {x}" for x in difference(found, comparable(kept[form.id], form, profile))]
    assert not wrong, "\n".join(wrong)


def test_an_index_that_a_failed_build_left_is_known_as_invalid(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        with pytest.raises(Exception, match="duplicate"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
    index = live(pg).index("public", "t_a")
    assert index is not None
    assert not index.valid


def test_functions_of_extensions_are_known(supabase_db: Database) -> None:
    state = live(supabase_db, "supabase")
    (found,) = [f for f in state.functions("extensions", "uuid_generate_v4") if not f.argument_types]
    assert found.volatility == "volatile"
    assert state.functions("extensions", "uuid_ns_dns")[0].volatility == "immutable"


def test_the_platform_is_the_real_one(session_servers: Servers) -> None:
    with session_servers(17, SUPABASE).database() as database:
        state = live(database, "supabase")
        with database.connect_admin() as connection:
            rows = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'auth.users'::regclass AND attnum > 0"
            ).fetchall()
    users = state.relation("auth", "users")
    assert users is not None
    assert {column.name for column in users.columns} == {name for (name,) in rows}
    assert not users.is_new
