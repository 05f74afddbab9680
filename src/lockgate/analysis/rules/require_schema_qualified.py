"""An object is named without its schema.

## Hazard

What a bare name means depends on search_path: another role, another database or a function with a path of its own
makes or changes something else.

## When it bites

When DDL, GRANT, COMMENT or TRUNCATE names a table, view, index, sequence, type or function without a schema.
Temporary tables are not reported.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE public.things (id bigint PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node, walk
from lockgate.types import Severity

_RELATIONS = ("relation", "view", "sequence", "table", "typevar")
_DOTTED = ("funcname", "typeName", "domainname")
_LISTED = frozenset(
    f"OBJECT_{kind}"
    for kind in (
        "TABLE",
        "VIEW",
        "MATVIEW",
        "FOREIGN_TABLE",
        "INDEX",
        "SEQUENCE",
        "TYPE",
        "DOMAIN",
        "FUNCTION",
    )
)
_ON_TABLE = frozenset({"OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Bare names of what a statement makes, changes or drops."""
    for schema, name in dict.fromkeys(_objects(tree, context.statement.kind)):
        if name and not schema:
            yield Hazard(
                f"{name} is named without its schema.",
                "What it means depends on search_path; write the schema in front.",
            )


def _objects(tree: Node, kind: str) -> Iterator[tuple[str, str]]:
    for key in _RELATIONS:
        range_var = tree.get("base", tree).get(key)
        if isinstance(range_var, dict) and range_var.get("relpersistence") != "t":
            yield names.range_var(range_var)
    if kind == "CreateTableAsStmt" and tree["into"]["rel"].get("relpersistence") != "t":
        yield names.range_var(tree["into"]["rel"])
    for key in _DOTTED:
        if isinstance(tree.get(key), list):
            yield names.dotted(tree[key])
    if kind in ("CreateStmt", "AlterTableStmt"):
        referenced = (node.get("pktable") for found, node in walk(tree) if found == "Constraint")
        parents = (item["RangeVar"] for item in tree.get("inhRelations", ()))
        yield from (names.range_var(found) for found in (*referenced, *parents) if found)
    if "func" in tree:
        yield names.dotted(tree["func"]["objname"])
    if kind in ("TruncateStmt", "GrantStmt"):
        listed = tree.get("relations" if kind == "TruncateStmt" else "objects", ())
        yield from (names.range_var(item["RangeVar"]) for item in listed if "RangeVar" in item)
    if kind == "CommentStmt" and tree.get("objtype") in _LISTED:
        yield names.object_name(tree["object"])
    if kind == "DropStmt":
        yield from _dropped(tree)


def _dropped(tree: Node) -> Iterator[tuple[str, str]]:
    for item in tree.get("objects", ()):
        if tree.get("removeType") in _LISTED:
            yield names.object_name(item)
        elif tree.get("removeType") in _ON_TABLE:
            yield names.table_and_object(item)[:2]


RULE = Rule(
    id="require-schema-qualified",
    group=Group.NAMING,
    severity=Severity.INFO,
    on=(
        "AlterEnumStmt",
        "AlterFunctionStmt",
        "AlterTableStmt",
        "CreatePolicyStmt",
        "AlterPolicyStmt",
        "DropStmt",
        "CommentStmt",
        "CompositeTypeStmt",
        "CreateForeignTableStmt",
        "CreateSeqStmt",
        "CreateStmt",
        "CreateTableAsStmt",
        "CreateTrigStmt",
        "IndexStmt",
        "RuleStmt",
        "ViewStmt",
        "CreateDomainStmt",
        "CreateEnumStmt",
        "CreateFunctionStmt",
        "CreateRangeStmt",
        "GrantStmt",
        "RenameStmt",
        "TruncateStmt",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
