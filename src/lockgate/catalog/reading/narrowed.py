"""Runs the introspection queries for a few relations and routines only, planned once for each connection.

Most of the time of such a query is planning. So every one is prepared under a name in its session, and its joins are
done in the order in which they are written: what is narrowed comes first there.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from lockgate.catalog.reading import fetch
from lockgate.catalog.scope import Scope
from lockgate.sql.identifiers import literal

PREFIX: Final = "lockgate_"
"""How the names of our prepared statements begin."""

_PARAMETERS: Final = {
    "schemas": "oid[]",
    "members": "bool",
    "relations": "oid[]",
    "columns_of": "oid[]",
    "routines": "oid[]",
    "schema_names": "name[]",
    "relation_names": "name[]",
}
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
_BY_OID: Final = ("tables", "views", "sequences", "composites")
_BY_NAME: Final = ("triggers", "rules", "policies")
_ROUTINES: Final = ("routines", "aggregates")
_ALWAYS: Final = ("comments", "labels", "roles")
_OF_RELATIONS: Final = "q.relation = ANY (%(relations)s::oid[])"

_prepared: weakref.WeakKeyDictionary[psycopg.Connection[Any], dict[str, str]] = weakref.WeakKeyDictionary()

Values = Mapping[str, Sequence[int] | Sequence[str] | bool]


def run(connection: psycopg.Connection[Any], name: str, text: str, values: Values) -> psycopg.Cursor[Any]:
    """Run a query whose placeholders are the known parameters; rows come as dicts.

    It is prepared where psycopg prepares nothing by itself: else psycopg would let go of everything at a ROLLBACK.
    """
    if connection.prepare_threshold is not None:
        given = {key: _default(values.get(key, ()), kind) for key, kind in _PARAMETERS.items()}
        return connection.cursor(row_factory=dict_row).execute(text, given, prepare=False)
    prepared = _prepared.setdefault(connection, {})
    cursor = connection.cursor(row_factory=dict_row)
    statement = prepared.get(text)
    if statement is None:
        statement = f"{PREFIX}{name}_{len(prepared)}"
        cursor.execute(
            f"PREPARE {statement} ({', '.join(_PARAMETERS.values())}) AS {_numbered(text)}", prepare=False
        )
        prepared[text] = statement
    arguments = ", ".join(_argument(values.get(key, ()), kind) for key, kind in _PARAMETERS.items())
    return cursor.execute(f"EXECUTE {statement} ({arguments})", prepare=False)


def fetch_narrowed(
    connection: psycopg.Connection[Any],
    scope: Scope,
    major: int,
    values: Values,
    whole: Iterable[str],
    *,
    domain_constraints: bool,
) -> fetch.Rows:
    """The rows of the queries that describe some relations and routines, and of ``whole`` queries; others are empty.

    ``values`` has ``relations``, ``columns_of`` (relations whose columns are read besides), ``routines``,
    ``schema_names`` and ``relation_names``. Takes AccessShare locks on catalogs only and leaves the session as it was.
    """
    with fetch._quiet_transaction(connection):
        connection.execute(fetch._SETTINGS)
        connection.execute(
            "SET LOCAL join_collapse_limit = 1; SET LOCAL plan_cache_mode = force_generic_plan"
        )
        schemas = fetch._run(connection, "schemas", major, fetch._schema_filter(scope))
        all_values = {**values, "schemas": [row["oid"] for row in schemas], "members": scope.members}
        with connection.pipeline():
            cursors = {
                name: run(connection, name, text, all_values)
                for name, text in _texts(major, values, whole, domain_constraints)
            }
        rows: fetch.Rows = {name: cursor.fetchall() for name, cursor in cursors.items()}
    nothing: fetch.Rows = {name: [] for name in ("schemas", *fetch.QUERIES)}
    return nothing | rows


def _texts(
    major: int, values: Values, whole: Iterable[str], domain_constraints: bool
) -> Iterator[tuple[str, str]]:
    for name in (*_ALWAYS, *whole):
        yield name, fetch.query(name, major)
    if domain_constraints:
        condition = f"{_OF_RELATIONS} OR q.on_domain"
        yield "constraints", _narrow("constraints", major, condition)
    elif values["relations"]:
        yield "constraints", _narrow("constraints", major, _OF_RELATIONS)
    if values["relations"]:
        yield "indexes", _narrow("indexes", major, _OF_RELATIONS)
        yield "columns", _narrow("columns", major, "q.relation = ANY (%(columns_of)s::oid[])")
        for name in _BY_OID:
            yield name, _narrow(name, major, "q.oid = ANY (%(relations)s::oid[])")
        for name in _BY_NAME:
            names = "q.schema = ANY (%(schema_names)s::name[]) AND q.name = ANY (%(relation_names)s::name[])"
            yield name, _narrow(name, major, names)
    if values["routines"]:
        for name in _ROUTINES:
            yield name, _narrow(name, major, "q.oid = ANY (%(routines)s::oid[])")


def _narrow(name: str, major: int, condition: str) -> str:
    """A query of the catalog with a condition that the planner pushes down into it."""
    return f"SELECT * FROM (\n{fetch.query(name, major)}\n) AS q WHERE {condition}"


def _numbered(text: str) -> str:
    """The query with the server's placeholders instead of psycopg's."""
    numbers = {name: number for number, name in enumerate(_PARAMETERS, 1)}
    return _PLACEHOLDER.sub(lambda match: f"${numbers[match[1]]}", text).replace("%%", "%")


def _default(value: Sequence[int] | Sequence[str] | bool, kind: str) -> list[int] | list[str] | bool:
    return bool(value) if kind == "bool" else list(value)  # type: ignore[arg-type, return-value]


def _argument(value: Sequence[int] | Sequence[str] | bool, kind: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "bool":
        return "false"
    items = ", ".join(str(item) if isinstance(item, int) else literal(item) for item in value)
    return f"ARRAY[{items}]::{kind}"
