"""A migration changes what belongs to the platform.

## Hazard

On a hosted project migrations run as `postgres`, which is no superuser: tables of `auth`, `storage`, `realtime` and
`vault` have other owners. The statement works on a local database as superuser and fails on the hosted one (SQLSTATE
42501).

## When it bites

When a statement alters, indexes, comments on, drops or creates something in one of those schemas, or takes a role of
the platform. Policies on `storage.objects` and its like, triggers on `auth.users`, foreign keys to it, and rows are
allowed. Row-level security of those tables is on already: leave the statement out.

## Unsafe

```sql
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
```

## Safe

```sql
CREATE POLICY avatars_read ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'avatars' AND owner_id = (SELECT auth.uid())::text);
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://supabase.com/docs/guides/database/postgres/roles-superuser
- https://github.com/supabase/cli/issues/4114
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.settings import changes
from lockgate.analysis.state import names
from lockgate.analysis.state.security import role_name, roles
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity

_SCHEMAS = frozenset(
    {"auth", "storage", "realtime", "vault", "graphql", "graphql_public", "pgsodium", "pgbouncer"}
    | {"supabase_functions"}
)
_ROWS = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "CopyStmt"})
_CLOSED = frozenset({"auth.schema_migrations", "storage.migrations"})
_RESERVED = ("supabase_", "dashboard_user", "pgbouncer")
_RELATIONS = ("relation", "view", "sequence", "typevar")
_DOTTED = ("funcname", "typeName", "domainname")
_COMMENTED = frozenset(
    {"OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_FUNCTION", "OBJECT_TYPE", "OBJECT_VIEW", "OBJECT_SCHEMA"}
)
_ON_TABLE = frozenset({"OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """What only the owners of the platform may do."""
    kind = context.statement.kind
    if kind in ("CreatePolicyStmt", "AlterPolicyStmt"):
        name = context.name(tree["table"])
        if str(name) in _CLOSED or name.schema == "vault":
            yield _hazard(f"{name} belongs to the platform, and takes no policies.")
        return
    if kind in _ROWS:
        yield from _rows(tree, context)
        return
    owned = next((name for name in _objects(tree, context) if name.schema in _SCHEMAS), None)
    role = next((role for role in _roles(kind, tree) if role.startswith(_RESERVED)), "")
    if owned is not None:
        yield _hazard(f"{owned} belongs to the platform{_advice(tree)}.")
    elif schema := next((name for name in _named_schemas(kind, tree) if name in _SCHEMAS), ""):
        yield _hazard(f"The schema {schema} belongs to the platform.")
    elif role:
        yield _hazard(f"{role} is a role of the platform; postgres cannot act for it.")
    elif kind == "AlterSystemStmt":
        yield _hazard("Settings of the server belong to the platform; change them in the dashboard.")
    elif message := _REFUSED_OPTIONS.get((kind, _option(tree))):
        yield _hazard(message)


def _rows(tree: Node, context: Context) -> Iterator[Hazard]:
    schema = context.name(tree["relation"]).schema if "relation" in tree else ""
    if tree.get("is_program"):
        yield _hazard("COPY … PROGRAM runs a command on the server.")
    elif "filename" in tree:
        yield _hazard("COPY with the name of a file means one of the server; use STDIN or STDOUT.")
    elif schema == "pg_catalog":
        yield _hazard("Nobody but a superuser changes rows of the system catalog.")
    elif schema == "vault":
        yield _hazard("The vault takes secrets by vault.create_secret() and vault.update_secret() alone.")


_REFUSED_OPTIONS = {
    ("CreateRoleStmt", "superuser"): "postgres is no superuser, and cannot make one.",
    (
        "CreateExtensionStmt",
        "new_version",
    ): "Only the platform chooses the version of an extension; leave VERSION out.",
}


_ON = {"boolval": True}


def _option(tree: Node) -> str:
    """The first option that is switched on and that the platform keeps to itself."""
    wanted = {option for _, option in _REFUSED_OPTIONS}
    for item in tree.get("options", ()):
        element = item.get("DefElem", {})
        if element.get("defname") in wanted and element.get("arg", {}).get("Boolean", _ON).get("boolval"):
            return str(element["defname"])
    return ""


def _hazard(message: str) -> Hazard:
    return Hazard(message, "SQLSTATE 42501 on a hosted project, although it works locally as superuser.")


def _advice(tree: Node) -> str:
    commands = [item["AlterTableCmd"].get("subtype") for item in tree.get("cmds", ())]
    return "; its row-level security is on already" if commands == ["AT_EnableRowSecurity"] else ""


def _objects(tree: Node, context: Context) -> Iterator[QualifiedName]:
    """What a statement makes, alters or drops: relations, functions and types."""
    into = tree.get("into", {}).get("rel")
    for range_var in (into, *(tree.get(key) for key in _RELATIONS)):
        if isinstance(range_var, dict) and "relname" in range_var:
            yield context.name(range_var)
    for key in _DOTTED:
        if isinstance(tree.get(key), list):
            yield QualifiedName(*names.dotted(tree[key]))
    if tree.get("removeType", "OBJECT_TRIGGER") not in _ON_TABLE:
        for item in tree.get("objects", ()):
            yield QualifiedName(*names.object_name(item))
    if "object" in tree and tree.get("objtype", "OBJECT_TABLE") in _COMMENTED:
        schema, name = names.object_name(tree["object"])
        column = tree.get("objtype") == "OBJECT_COLUMN"
        yield (
            QualifiedName(*names.table_and_object(tree["object"])[:2])
            if column
            else QualifiedName(schema, name)
        )


def _named_schemas(kind: str, tree: Node) -> Iterator[str]:
    """The schemas that a statement makes, drops or gives away."""
    if kind == "CreateSchemaStmt" and not tree.get("if_not_exists"):
        yield tree.get("schemaname", "")
    if tree.get("removeType") == "OBJECT_SCHEMA":
        yield from map(names.text, tree["objects"])
    if kind == "AlterOwnerStmt" and tree.get("objectType") == "OBJECT_SCHEMA":
        yield names.text(tree["object"])


def _roles(kind: str, tree: Node) -> Iterator[str]:
    """The roles that a statement takes on, gives objects to, or speaks for."""
    if kind == "VariableSetStmt":
        yield from (change.value or "" for change in changes(kind, tree) if change.name == "role")
    if kind == "AlterDefaultPrivilegesStmt":
        for item in tree.get("options", ()):
            if item["DefElem"]["defname"] == "roles":
                yield from roles(item["DefElem"]["arg"]["List"]["items"])
    if kind == "GrantRoleStmt":
        yield from (item["AccessPriv"].get("priv_name", "") for item in tree.get("granted_roles", ()))
    commands = [item["AlterTableCmd"] for item in tree.get("cmds", ())]
    for owner in (tree.get("newowner"), *(command.get("newowner") for command in commands)):
        if owner:
            yield role_name(owner)


RULE = Rule(
    id="supabase-platform-ownership",
    group=Group.SUPABASE,
    severity=Severity.ERROR,
    on=(
        "AlterTableStmt",
        "CreateExtensionStmt",
        "CreateRoleStmt",
        "IndexStmt",
        "CreateSchemaStmt",
        "CreateStmt",
        "CreateTableAsStmt",
        "ViewStmt",
        "CreateSeqStmt",
        "CompositeTypeStmt",
        "CreateEnumStmt",
        "AlterEnumStmt",
        "CreateDomainStmt",
        "CreateFunctionStmt",
        "RuleStmt",
        "CommentStmt",
        "DropStmt",
        "RenameStmt",
        "AlterObjectSchemaStmt",
        "AlterOwnerStmt",
        "CreatePolicyStmt",
        "AlterPolicyStmt",
        "VariableSetStmt",
        "AlterDefaultPrivilegesStmt",
        "GrantRoleStmt",
        "AlterSystemStmt",
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "CopyStmt",
    ),
    platform="supabase",
    check=check,
    doc=__doc__,
)
