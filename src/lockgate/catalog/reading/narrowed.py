"""Runs the introspection queries for a few relations and routines only, planned once for each connection.

Most of the time of such a query is planning. So every one is prepared under a name in its session, and its joins are
done in the order in which they are written: what is narrowed comes first there.
"""

from __future__ import annotations

import functools
import re
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from lockgate.catalog.reading import fetch
from lockgate.sql.identifiers import literal

PREFIX: Final = "lockgate_"
"""How the names of our prepared statements begin."""

DOMAIN_CONSTRAINTS: Final = "domain constraints"
"""Among whole queries: read the constraints of all domains, too."""

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
_OF_RELATIONS: Final = "q.relation = ANY (%(relations)s::oid[])"
_BY_OID: Final = "q.oid = ANY (%(relations)s::oid[])"
_BY_NAME: Final = "q.schema = ANY (%(schema_names)s::name[]) AND q.name = ANY (%(relation_names)s::name[])"
_CONDITIONS: Final = {
    "tables": _BY_OID,
    "views": _BY_OID,
    "sequences": _BY_OID,
    "columns": "q.relation = ANY (%(columns_of)s::oid[])",
    "constraints": _OF_RELATIONS,
    "indexes": _OF_RELATIONS,
    "triggers": _BY_NAME,
    "rules": _BY_NAME,
    "policies": _BY_NAME,
    "routines": "q.oid = ANY (%(routines)s::oid[])",
    "aggregates": "q.oid = ANY (%(routines)s::oid[])",
}
_PLANNING: Final = "SET LOCAL join_collapse_limit = 1; SET LOCAL plan_cache_mode = force_generic_plan"


_prepared: weakref.WeakKeyDictionary[psycopg.Connection[Any], dict[str, str]] = weakref.WeakKeyDictionary()

Values = Mapping[str, Sequence[int] | Sequence[str] | bool]


def run(connection: psycopg.Connection[Any], name: str, text: str, values: Values) -> psycopg.Cursor[Any]:
    """Run a query whose placeholders are the known parameters; rows come as dicts.

    It is prepared where psycopg prepares nothing by itself: else psycopg would let go of everything at a ROLLBACK.
    """
    return _run(connection, name, text, values, _arguments(values))


def fetch_narrowed(
    connection: psycopg.Connection[Any],
    major: int,
    queries: Iterable[str],
    whole: Collection[str],
    values: Values,
) -> fetch.Rows:
    """The rows of some queries, narrowed to the relations and routines of ``values``, and of ``whole`` ones.

    ``values`` has ``schemas``, ``members``, ``relations``, ``columns_of`` (relations whose columns are read besides),
    ``routines``, ``schema_names`` and ``relation_names``. All other queries have no rows. Takes AccessShare locks on
    catalogs only and leaves the session as it was.
    """
    arguments = _arguments(values)
    texts = {name: _narrow(name, major, _CONDITIONS[name]) for name in queries}
    texts |= {name: fetch.query(name, major) for name in whole if name != DOMAIN_CONSTRAINTS}
    if DOMAIN_CONSTRAINTS in whole:
        texts["constraints"] = _narrow("constraints", major, f"{_OF_RELATIONS} OR q.on_domain")
    with fetch._quiet_transaction(connection):
        connection.execute(f"{fetch._SETTINGS}; {_PLANNING}")
        with connection.pipeline():
            cursors = {name: _run(connection, name, text, values, arguments) for name, text in texts.items()}
        rows: fetch.Rows = {name: cursor.fetchall() for name, cursor in cursors.items()}
    nothing: fetch.Rows = {name: [] for name in ("schemas", *fetch.QUERIES)}
    return nothing | rows


def _run(
    connection: psycopg.Connection[Any], name: str, text: str, values: Values, arguments: str
) -> psycopg.Cursor[Any]:
    cursor = connection.cursor(row_factory=dict_row)
    if connection.prepare_threshold is not None:
        given = {key: _default(values.get(key, ()), kind) for key, kind in _PARAMETERS.items()}
        return cursor.execute(text, given, prepare=False)
    prepared = _prepared.setdefault(connection, {})
    statement = prepared.get(text)
    if statement is None:
        statement = f"{PREFIX}{name}_{len(prepared)}"
        types = ", ".join(_PARAMETERS.values())
        cursor.execute(f"PREPARE {statement} ({types}) AS {_numbered(text)}", prepare=False)
        prepared[text] = statement
    return cursor.execute(f"EXECUTE {statement} ({arguments})", prepare=False)


def _arguments(values: Values) -> str:
    return ", ".join(_argument(values.get(key, ()), kind) for key, kind in _PARAMETERS.items())


@functools.cache
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
