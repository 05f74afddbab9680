"""Policies, grants, default privileges, roles, publications, extensions, schemas and comments, replayed."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog, Extension
from lockgate.analysis.state.privileges import ALL_PRIVILEGES, PUBLIC, Grant, Grants, granted
from lockgate.analysis.state.types import options_of
from lockgate.analysis.view import Policy, Publication, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace

_OBJECT_KINDS = {
    "OBJECT_TABLE": "table",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "function",
    "OBJECT_ROUTINE": "function",
    "OBJECT_SCHEMA": "schema",
}


def role_name(spec: Node) -> str:
    """The role of a ``RoleSpec``; PUBLIC and the current roles by their SQL names in lower case."""
    kind = spec.get("roletype", "ROLESPEC_CSTRING")
    if kind == "ROLESPEC_CSTRING":
        return str(spec.get("rolename", ""))
    return PUBLIC if kind == "ROLESPEC_PUBLIC" else kind.removeprefix("ROLESPEC_").lower()


def roles(items: list[Node]) -> tuple[str, ...]:
    """The roles of a list of ``RoleSpec``."""
    return tuple(role_name(item["RoleSpec"]) for item in items)


def read_policy(tree: Node) -> Policy:
    """The policy that a ``CREATE POLICY`` makes."""
    return Policy(
        tree.get("policy_name", ""),
        command=tree.get("cmd_name", "all"),
        roles=roles(tree.get("roles", [])) or (PUBLIC,),
        permissive=bool(tree.get("permissive")),
        using=tree.get("qual"),
        check=tree.get("with_check"),
    )


def create_policy(catalog: Catalog, tree: Node) -> None:
    """CREATE POLICY."""
    table = catalog.relation_name(*names.range_var(tree["table"]))
    policy = read_policy(tree)
    kept = tuple(p for p in catalog.known(table).policies if p.name != policy.name)
    catalog.change(table, policies=(*kept, policy))
    catalog.remember("policy", table, policy.name)


def alter_policy(catalog: Catalog, tree: Node) -> None:
    """ALTER POLICY: what is not said stays as it is."""
    table = catalog.relation_name(*names.range_var(tree["table"]))
    name = tree.get("policy_name", "")

    def changed(policy: Policy) -> Policy:
        return replace(
            policy,
            roles=roles(tree["roles"]) if tree.get("roles") else policy.roles,
            using=tree.get("qual", policy.using),
            check=tree.get("with_check", policy.check),
        )

    present = catalog.known(table).policies
    catalog.change(table, policies=tuple(changed(p) if p.name == name else p for p in present))
    catalog.remember("policy", table, name)


def grant(catalog: Catalog, tree: Node) -> None:
    """GRANT and REVOKE on relations, functions and schemas."""
    kind = _OBJECT_KINDS.get(tree.get("objtype", ""))
    if kind is None:
        return
    change, add = read_grants(tree, kind), bool(tree.get("is_grant"))
    for target in _targets(catalog, tree, kind):
        different = catalog.privileges.change(kind, target, change, add)
        # A right that is given again opens nothing: whoever gave it first did.
        if different or not add:
            catalog.remember("grant" if add else "revoke", kind, target)


def read_grants(tree: Node, kind: str) -> Grants:
    """The single rights that a ``GrantStmt`` gives or takes."""
    grantees = roles(tree.get("grantees", []))
    wanted: list[tuple[str, str]] = []
    for item in tree.get("privileges", ()):
        access = item["AccessPriv"]
        columns = [names.text(column) for column in access.get("cols", ())] or [""]
        found = (access["priv_name"],) if "priv_name" in access else ALL_PRIVILEGES[kind]
        wanted += [(privilege, column) for privilege in found for column in columns]
    if not tree.get("privileges"):
        wanted = [(privilege, "") for privilege in ALL_PRIVILEGES[kind]]
    return frozenset(Grant(role, privilege, column) for role in grantees for privilege, column in wanted)


def _targets(catalog: Catalog, tree: Node, kind: str) -> Iterator[QualifiedName | str]:
    objects = tree.get("objects", [])
    if tree.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
        for schema in map(names.text, objects):
            yield from _all_in_schema(catalog, schema, kind)
        return
    for item in objects:
        if kind == "schema":
            yield names.text(item)
        elif kind == "function":
            schema, name = names.object_name(item)
            group = catalog.functions(schema, name)
            yield group[0].name if group else catalog.new_name(schema, name)
        else:
            yield catalog.relation_name(*names.object_name(item))


def _all_in_schema(catalog: Catalog, schema: str, kind: str) -> Iterator[QualifiedName]:
    if kind == "function":
        yield from {f.name: None for f in catalog.all_functions() if f.name.schema == schema}
        return
    for relation in catalog.relations():
        if relation.name.schema == schema and (relation.kind == "sequence") == (kind == "sequence"):
            yield relation.name


def default_privileges(catalog: Catalog, tree: Node) -> None:
    """ALTER DEFAULT PRIVILEGES; those of another creator than the one who migrates are left aside."""
    schemas, creators = [""], False
    for item in tree.get("options", ()):
        element = item["DefElem"]
        if element["defname"] == "schemas":
            schemas = [names.text(name) for name in element["arg"]["List"]["items"]]
        elif element["defname"] == "roles":
            creators = bool({"postgres", "current_user", "current_role"}.isdisjoint(_creators(element)))
    action = tree["action"]
    kind = _OBJECT_KINDS.get(action.get("objtype", ""))
    if kind is None or creators:
        return
    rights = catalog.privileges
    for schema in schemas:
        present = rights.defaults.get((schema, kind)) or _built_in(schema, kind)
        changed = granted(present, read_grants(action, kind), bool(action.get("is_grant")))
        rights.defaults.put((schema, kind), changed)


def _creators(element: Node) -> tuple[str, ...]:
    return roles(element["arg"]["List"]["items"])


def _built_in(schema: str, kind: str) -> Grants:
    return frozenset({Grant(PUBLIC, "execute")}) if (schema, kind) == ("", "function") else frozenset()


def create_extension(catalog: Catalog, tree: Node) -> None:
    """CREATE EXTENSION."""
    name = tree.get("extname", "")
    if name not in catalog.extensions:
        schema = options_of(tree.get("options", [])).get("schema", "")
        # Without one it is the first of the path; where that is public, extensions with a schema of their own differ.
        first = next(iter(catalog.search_path), "public")
        catalog.extensions.put(name, Extension(name, schema or first.replace("public", "")))
        catalog.remember("extension", name)


def create_schema(catalog: Catalog, tree: Node) -> None:
    """CREATE SCHEMA; without a name it is that of the role."""
    name = tree.get("schemaname") or role_name(tree.get("authrole", {}))
    if name not in catalog.schemas:
        catalog.schemas.put(name, name)
        catalog.remember("schema", name)


def comment(catalog: Catalog, tree: Node) -> None:
    """COMMENT ON; only that there is one, under the kind and the name, which is qualified for tables and columns."""
    key = (tree.get("objtype", ""), _commented(catalog, tree))
    if tree.get("comment"):
        catalog.comments.put(key, tree["comment"])
    else:
        catalog.comments.remove(key)


def _commented(catalog: Catalog, tree: Node) -> str:
    if tree.get("objtype") == "OBJECT_COLUMN":
        schema, table, column = names.table_and_object(tree["object"])
        return f"{catalog.relation_name(schema, table)}.{column}"
    schema, name = names.object_name(tree["object"]) if "object" in tree else ("", "")
    return str(catalog.relation_name(schema, name)) if tree.get("objtype") == "OBJECT_TABLE" else name


def publication(catalog: Catalog, tree: Node) -> None:
    """CREATE and ALTER PUBLICATION."""
    name = tree.get("pubname", "")
    present = catalog.publication(name) or Publication(name)
    listed = tuple(_published_tables(catalog, tree))
    schemas = tuple(
        item["PublicationObjSpec"].get("name", "")
        for item in tree.get("pubobjects", ())
        if item["PublicationObjSpec"].get("pubobjtype") == "PUBLICATIONOBJ_TABLES_IN_SCHEMA"
    )
    match tree.get("action", "AP_SetObjects"):
        case "AP_AddObjects":
            tables = (*present.tables, *(t for t in listed if t not in present.tables))
            schemas = (*present.schemas, *schemas)
        case "AP_DropObjects":
            tables = tuple(t for t in present.tables if t not in listed)
            schemas = tuple(s for s in present.schemas if s not in schemas)
        case _:
            tables = listed
    every = bool(tree.get("for_all_tables")) or (present.all_tables and "action" in tree)
    catalog.put_publication(Publication(name, tables, all_tables=every, schemas=schemas))


def _published_tables(catalog: Catalog, tree: Node) -> Iterator[QualifiedName]:
    for item in tree.get("pubobjects", ()):
        table = item["PublicationObjSpec"].get("pubtable")
        if table is not None:
            yield catalog.relation_name(*names.range_var(table["relation"]))


def is_exposed(relation: Relation, schemas: frozenset[str]) -> bool:
    """Whether a relation lies in one of the schemas that an API serves."""
    return relation.name.schema in schemas
