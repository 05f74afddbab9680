"""Everybody can list the files of a public bucket.

## Hazard

Files of a public bucket can be fetched by whoever knows their address, without any policy. A SELECT policy on
`storage.objects` is not needed for that: it lets the caller list all names, and so fetch all files.

## When it bites

When a SELECT or ALL policy on `storage.objects` for the API's roles asks for nothing but the bucket (or for nothing
at all), and the migrations make that bucket public. Of a bucket that they do not make, it is a remark.

## Unsafe

```sql
INSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true);
CREATE POLICY avatars_read ON storage.objects FOR SELECT USING (bucket_id = 'avatars');
```

## Safe

```sql
INSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true);
CREATE POLICY avatars_read ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'avatars' AND owner = (SELECT auth.uid()));
```

## Lock

None.

## Versions

All.

## References

- https://supabase.com/docs/guides/storage/buckets/fundamentals
- https://supabase.com/docs/guides/database/database-advisors?lint=0025_public_bucket_allows_listing
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import is_true, policies
from lockgate.analysis.state import names
from lockgate.analysis.view import Policy
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node
from lockgate.types import Severity

_OBJECTS = QualifiedName("storage", "objects")


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: policies that show all names of a bucket."""
    broad = [
        found for found in policies(context) if found.relation.name == _OBJECTS and _is_broad(found.policy)
    ]
    buckets = _made_buckets(context) if broad else {}
    for found in broad:
        bucket = _only_bucket(found.policy.using)
        public = buckets.get(bucket) if bucket else any(buckets.values()) if buckets else None
        if public is False:
            continue
        which = f"the bucket {bucket!r}" if bucket else "every bucket"
        yield Hazard(
            f"{found.title} lets everybody list {which}.",
            "Files of a public bucket need no policy to be fetched by their address; say whose files they are.",
            safe=f"DROP POLICY {quote(found.policy.name)} ON storage.objects;",
            at=found.birth,
            severity=None if public else Severity.INFO,
        )


def _is_broad(policy: Policy) -> bool:
    reads = policy.permissive and policy.command in ("select", "all")
    return reads and (is_true(policy.using) or _only_bucket(policy.using) is not None)


def _only_bucket(expression: Node | None) -> str | None:
    """The bucket of ``bucket_id = 'name'`` when that is the whole condition."""
    operation = (expression or {}).get("A_Expr", {})
    if operation.get("kind") != "AEXPR_OP" or names.text(operation["name"][-1]) != "=":
        return None
    column, constant = operation["lexpr"].get("ColumnRef"), _text(operation["rexpr"])
    if column is None or names.text(column["fields"][-1]) != "bucket_id":
        return None
    return constant


def _made_buckets(context: Context) -> dict[str, bool]:
    """The buckets that the migrations insert by literal values: id to whether they are public."""
    found: dict[str, bool] = {}
    for source in context.files:
        for statement in source.script.statements:
            if statement.kind == "InsertStmt" and names.range_var(statement.tree["relation"]) == (
                "storage",
                "buckets",
            ):
                found |= _inserted(statement.tree)
    return found


def _inserted(tree: Node) -> dict[str, bool]:
    columns = [item["ResTarget"]["name"] for item in tree.get("cols", ())]
    rows = tree.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists", [])
    values = [dict(zip(columns, row["List"]["items"], strict=False)) for row in rows]
    pairs = ((_text(row.get("id", {})), row.get("public", {})) for row in values)
    return {name: bool(_boolean(public)) for name, public in pairs if name is not None}


def _text(node: Node) -> str | None:
    # The server writes 'name'::text.
    constant = node.get("TypeCast", {}).get("arg", node)
    value: str | None = constant.get("A_Const", {}).get("sval", {}).get("sval")
    return value


def _boolean(node: Node) -> bool | None:
    value: bool | None = node.get("A_Const", {}).get("boolval", {}).get("boolval")
    return value


RULE = Rule(
    id="public-bucket-allows-listing",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
