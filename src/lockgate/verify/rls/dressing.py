"""Makes generated rows speak to the policies: the constants that they compare with, and NULL where they ask for it.

Of twelve random rows none is an administrator's and none was deleted; on such rows half of a policy is never tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import psycopg

from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls.belonging import Belonging
from lockgate.verify.rls.matrix import reader_of
from lockgate.verify.rls.model import Relation, Schema
from lockgate.verify.rls.reading import read_schema

Connection = psycopg.Connection[Any]
Values = dict[tuple[QualifiedName, str], dict[str | None, None]]


def dress(connection: Connection, tables: Collection[QualifiedName]) -> None:
    """Change some of the rows of generated tables; every value takes its turn, and some rows stay as they are.

    Past triggers and foreign keys, which needs a superuser; what a constraint refuses is left alone.
    """
    if not tables:
        return
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        schema = read_schema(connection, ())
        for (name, column), values in _wanted(schema).items():
            relation = schema.relations.get(name)
            if name in tables and relation is not None and _is_free(relation, column):
                _spread(connection, relation, column, list(values))


def _wanted(schema: Schema) -> Values:
    """The values that policies ask about, by table and column, each once and in order."""
    belonging = Belonging.of(schema, reader_of(schema))
    wanted: Values = defaultdict(dict)
    for name, facts in belonging.facts.items():
        for constant in facts.literals:
            wanted[constant.table, constant.column].update(dict.fromkeys(constant.values))
        for column in _asked_for_null(belonging, schema.relations[name]):
            wanted[name, column][None] = None
    return wanted


def _asked_for_null(belonging: Belonging, relation: Relation) -> Iterator[str]:
    facts = belonging.facts[relation.name]
    yield from sorted(facts.null_columns)
    if facts.null_safe:
        yield from (user.column for user in belonging.users.get(relation.name, []) if user.column is not None)


def _is_free(relation: Relation, name: str) -> bool:
    """Whether other rows do not depend on a column's values."""
    column = relation.column(name)
    return column is not None and not column.generated and name not in relation.key


def _spread(connection: Connection, relation: Relation, name: str, values: list[str | None]) -> None:
    column = relation.column(name)
    if column is None:
        return
    turns = [
        f"WHEN {turn} THEN {literal(value)}::{column.type}"
        for turn, value in enumerate(values)
        if value is not None or not column.not_null
    ]
    if not turns:
        return
    table, place = relation.name.sql, quote(name)
    try:
        with connection.transaction():
            connection.execute(
                f"UPDATE {table} AS t SET {place} = CASE n.turn {' '.join(turns)} ELSE t.{place} END"
                f" FROM (SELECT ctid, (row_number() OVER (ORDER BY ctid) - 1) % {len(values) + 1} AS turn FROM {table})"
                " AS n WHERE n.ctid = t.ctid".encode()
            )
    except psycopg.Error:
        if connection.broken:
            raise
