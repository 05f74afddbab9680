"""What the analysis believes about a Supabase project is what the local one really has."""

from __future__ import annotations

from typing import Any

import pytest
from tests.servers import Database

from lockgate.analysis.platforms import begin_platform
from lockgate.analysis.state.catalog import Catalog
from lockgate.sql.identifiers import QualifiedName

pytestmark = pytest.mark.server

RELATIONS = """
SELECT n.nspname, c.relname, a.attname, t.typname, c.relrowsecurity
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'v', 'p', 'm')
ORDER BY a.attnum
"""
KEYS = """
SELECT n.nspname, c.relname, o.contype::text, ARRAY(
    SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number ORDER BY k.place
)
FROM pg_constraint AS o
JOIN pg_class AS c ON c.oid = o.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
"""
KINDS = {"primary key": "p", "unique": "u", "foreign key": "f"}


@pytest.fixture(scope="module")
def believed() -> Catalog:
    catalog = Catalog(lambda _: None)
    begin_platform(catalog, "supabase")
    return catalog


def rows(database: Database, sql: str, parameters: tuple[str, ...] = ()) -> list[Any]:
    with database.connect_admin() as connection:
        return connection.execute(sql, parameters).fetchall()


def test_relations_have_these_columns_and_row_security(believed: Catalog, supabase_db: Database) -> None:
    real: dict[QualifiedName, list[tuple[str, str]]] = {}
    secured: dict[QualifiedName, bool] = {}
    for schema, name, column, kind, row_security in rows(supabase_db, RELATIONS):
        real.setdefault(QualifiedName(schema, name), []).append((column, kind))
        secured[QualifiedName(schema, name)] = row_security
    relations = [relation for relation in believed.relations() if relation.kind == "table"]
    assert relations
    for relation in relations:
        columns = [
            (column.name, ("_" if column.type.array else "") + column.type.name.name)
            for column in relation.columns
        ]
        assert columns == real.get(relation.name), relation.name
        assert relation.row_security == secured[relation.name], relation.name


def test_their_keys_exist(believed: Catalog, supabase_db: Database) -> None:
    real = {(schema, name, kind, tuple(columns)) for schema, name, kind, columns in rows(supabase_db, KEYS)}
    for relation in believed.relations():
        for constraint in relation.constraints:
            if constraint.kind in KINDS:
                key = (*vars_of(relation.name), KINDS[constraint.kind], constraint.columns)
                assert key in real


def test_functions_types_and_schemas_exist(believed: Catalog, supabase_db: Database) -> None:
    functions = set(
        rows(
            supabase_db, "SELECT nspname, proname FROM pg_proc JOIN pg_namespace AS n ON n.oid = pronamespace"
        )
    )
    for function in believed.all_functions():
        assert vars_of(function.name) in functions
    labels = (
        "SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = %s::regtype"
    )
    for user_type in believed.user_types():
        ((found,),) = rows(supabase_db, labels, (user_type.name.sql,))
        assert tuple(found) == user_type.labels


def vars_of(name: QualifiedName) -> tuple[str, str]:
    return name.schema, name.name
