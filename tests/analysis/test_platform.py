"""What the analysis believes about a Supabase project is what the local one really has."""

from __future__ import annotations

from typing import Any

import pytest
from tests.servers import Database

from lockgate.analysis.platforms import begin_platform
from lockgate.analysis.rules.policy_facts import ABOVE
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.privileges import ALL_PRIVILEGES
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


DEFAULTS = """
SELECT coalesce(n.nspname, ''), d.defaclobjtype::text, coalesce(r.rolname, 'public'), lower(a.privilege_type)
  FROM pg_default_acl AS d
  JOIN pg_roles AS o ON o.oid = d.defaclrole
  LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
 CROSS JOIN aclexplode(d.defaclacl) AS a
  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
 WHERE o.rolname = 'postgres'
"""
SCHEMA_GRANTS = """
SELECT n.nspname, coalesce(r.rolname, 'public'), lower(a.privilege_type)
  FROM pg_namespace AS n
 CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
"""
TABLE_GRANTS = """
SELECT n.nspname, c.relname, coalesce(r.rolname, 'public'), lower(a.privilege_type)
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a
  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
 WHERE c.relkind = 'r'
"""
OBJECTS = {"r": "table", "S": "sequence", "f": "function"}
API = {"anon", "authenticated", "service_role"}
KNOWN = {privilege for privileges in ALL_PRIVILEGES.values() for privilege in privileges}
"""What later versions add (MAINTAIN of 17) is not among them: it reads and writes no row."""


def test_new_objects_get_these_rights(believed: Catalog, supabase_db: Database) -> None:
    real: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for schema, kind, role, privilege in rows(supabase_db, DEFAULTS):
        if kind in OBJECTS and role in API and privilege in KNOWN:
            real.setdefault((schema, OBJECTS[kind]), set()).add((role, privilege))
    here = {
        key: {(grant.grantee, grant.privilege) for grant in grants if grant.grantee in API}
        for key, grants in believed.privileges.defaults.items()
    }
    assert here["public", "table"]
    assert {key: found for key, found in here.items() if found} == {k: f for k, f in real.items() if f}


def test_roles_of_the_api_have_these_rights_on_schemas(believed: Catalog, supabase_db: Database) -> None:
    found = rows(supabase_db, SCHEMA_GRANTS)
    for schema in believed.schemas:
        real = {(role, privilege) for name, role, privilege in found if name == schema and role in API}
        grants = believed.privileges.schemas.get(schema) or frozenset()
        here = {(grant.grantee, grant.privilege) for grant in grants if grant.grantee in API}
        assert here == real, schema


def test_roles_of_the_api_have_these_rights_on_tables(believed: Catalog, supabase_db: Database) -> None:
    found = rows(supabase_db, TABLE_GRANTS)
    for relation in believed.relations():
        if relation.kind != "table":
            continue
        place = vars_of(relation.name)
        real = {(role, right) for *name, role, right in found if tuple(name) == place and role in API}
        grants = believed.privileges.on_relation(relation.name)
        here = {(grant.grantee, grant.privilege) for grant in grants if grant.grantee in API}
        assert here == {pair for pair in real if pair[1] in KNOWN}, relation.name


def test_roles_that_rules_speak_of_exist(supabase_db: Database) -> None:
    real = {name for (name,) in rows(supabase_db, "SELECT rolname FROM pg_roles")}
    assert real >= (API | ABOVE)
