"""The in-memory catalog against the server's own, after the same statements."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.analysis.random_ddl import statements
from tests.rules.case_files import FOLDER, document
from tests.sampling import NIGHTLY
from tests.servers import PLAIN, SessionServer

from lockgate.analysis.bodies import body_of
from lockgate.analysis.check import replayed
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Relation, TypeRef
from lockgate.local.flavours import Flavour
from lockgate.sql.parse import parse

pytestmark = pytest.mark.server

HERE = Path(__file__).parent
Servers = Callable[[int, Flavour], SessionServer]
Rows = set[tuple[Any, ...]]

KINDS = {
    "table": "r",
    "partitioned table": "p",
    "view": "v",
    "materialized view": "m",
    "sequence": "S",
    "foreign table": "f",
    "composite type": "c",
}
CONSTRAINTS = {"primary key": "p", "unique": "u", "foreign key": "f", "check": "c", "exclude": "x"}
COMMANDS = {"select": "r", "insert": "a", "update": "w", "delete": "d", "all": "*"}
ACTIONS = {"": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}


def shown(name: object) -> str:
    """A name as ``regclass`` writes it with the search path of the comparison, which is empty."""
    return str(name)


def typed(ref: TypeRef) -> str:
    return ref.name.name + ("[]" if ref.array else "")


def columns(state: Catalog) -> Rows:
    return {
        (
            str(r.name),
            c.name,
            typed(c.type),
            c.not_null,
            c.identity,
            {"stored": "s", "virtual": "v"}.get(c.generated, ""),
        )
        for r in tables(state)
        for c in r.columns
        if c.type.name.name
    }


def tables(state: Catalog) -> list[Relation]:
    return [r for r in state.relations() if KINDS[r.kind] in "rpf"]


def constraints(state: Catalog) -> Rows:
    return {
        (
            str(r.name),
            c.name,
            CONSTRAINTS[c.kind],
            c.valid,
            c.columns,
            shown(c.references or "-"),
            ACTIONS[c.on_delete] if c.kind == "foreign key" else " ",
        )
        for r in tables(state)
        for c in r.constraints
        if c.kind in CONSTRAINTS and not (c.inherited and c.kind != "check")
    }


def indexes(state: Catalog) -> Rows:
    return {
        (
            str(r.name),
            i.name.name,
            i.unique,
            i.primary,
            i.valid,
            i.method,
            tuple(k.column or "(expression)" for k in i.keys),
            i.predicate is not None,
            shown(i.parent or "-"),
        )
        for r in state.relations()
        for i in r.indexes
    }


def relations(state: Catalog) -> Rows:
    return {
        (
            str(r.name),
            KINDS[r.kind],
            r.row_security,
            r.force_row_security,
            {"permanent": "p", "unlogged": "u", "temporary": "t"}[r.persistence],
            tuple(map(shown, r.parents)),
            tuple(sorted(t.name for t in r.triggers)),
            tuple(sorted(f"{p.name}:{COMMANDS[p.command]}" for p in r.policies)),
        )
        for r in state.relations()
    }


def types(state: Catalog) -> Rows:
    domains = {
        (
            str(d.name),
            "d",
            d.not_null,
            (),
            tuple(sorted(f"{c.name}:{str(c.valid).lower()}" for c in d.constraints)),
        )
        for d in state.domains()
    }
    return domains | {(str(t.name), "e", False, t.labels, ()) for t in state.user_types() if t.kind == "enum"}


def functions(state: Catalog) -> Rows:
    return {
        (
            str(f.name),
            f.volatility[0],
            f.security_definer,
            {"function": "f", "procedure": "p", "aggregate": "a"}[f.kind],
            len(f.argument_types),
            tuple(sorted(f"{name}={value}" for name, value in f.settings)),
        )
        for f in state.all_functions()
    }


VIEWS: dict[str, Callable[[Catalog], Rows]] = {
    "columns": columns,
    "constraints": constraints,
    "indexes": indexes,
    "relations": relations,
    "types": types,
    "functions": functions,
}


def frozen(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def compare(servers: Servers, major: int, sql: str) -> None:
    """Run a script statement by statement on both sides and compare all that both know."""
    with servers(major, PLAIN).database() as database, database.connect() as connection:
        for statement in parse(sql).statements:
            connection.execute(statement.sql.encode())
        compare_with(connection, major, sql)


def compare_with(connection: psycopg.Connection[Any], major: int, sql: str) -> None:
    """Compare what a script makes in the replay with what is there."""
    state = replayed([Source.from_text(sql)], Options(major=major, transaction="never"))
    connection.execute("SET search_path = ''")
    for name, view in VIEWS.items():
        query = (HERE / "queries" / f"{name}.sql").read_bytes()
        there = {frozen(row) for row in connection.execute(query)}
        here = view(state)
        if name == "functions":
            there = {
                (*row[:5], tuple(sorted(setting.replace('""', "") for setting in row[5]))) for row in there
            }
        assert sorted(here - there, key=repr) == [], f"{name}: only in the replay"
        assert sorted(there - here, key=repr) == [], f"{name}: only on the server"


@pytest.mark.parametrize("major", [15, 16, 17, 18])
@pytest.mark.parametrize("script", sorted(path.name for path in (HERE / "scripts").glob("*.sql")))
def test_replay_equals_the_server(script: str, major: int, session_servers: Servers) -> None:
    compare(session_servers, major, (HERE / "scripts" / script).read_text("utf-8"))


@pytest.mark.parametrize("major", [15, 16, 17, 18] if NIGHTLY else [17])
@pytest.mark.parametrize("seed", [0, 4, 9, 16])
def test_random_history_equals_the_server(seed: int, major: int, session_servers: Servers) -> None:
    """The server says which of 250 random statements fit together; those make the same schema in the replay."""
    accepted = []
    with session_servers(major, PLAIN).database() as database, database.connect() as connection:
        connection.autocommit = True
        for statement in statements(seed, 250):
            with contextlib.suppress(psycopg.Error):
                connection.execute(statement.encode())
                accepted.append(f"{statement};")
        assert len(accepted) > 40
        compare_with(connection, major, "\n".join(accepted))


def _histories() -> list[str]:
    """The histories of all rules that need nothing but PostgreSQL."""
    chosen = []
    for path in sorted(FOLDER.glob("*.toml")):
        found = document(path.stem)
        platform = {case.get("platform") for kind in ("unsafe", "silent") for case in found.get(kind, ())}
        if found.get("history") and platform == {None} and "platform" not in found and "live" not in found:
            chosen.append(path.stem)
    return chosen


@pytest.mark.parametrize("rule", _histories())
def test_history_of_a_rule_equals_the_server(rule: str, session_servers: Servers) -> None:
    compare(session_servers, 17, document(rule)["history"])


def test_bodies_are_read_once_only_where_there_are_any() -> None:
    (statement,) = parse("SELECT 1").statements
    assert body_of(statement) is None
