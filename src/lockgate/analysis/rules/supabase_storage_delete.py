"""Files of the storage are deleted by SQL.

## Hazard

A row of `storage.objects` is not the file: deleting it leaves the file behind, unreachable and paid for. Supabase
refuses it by a trigger ("Direct deletion from storage tables is not allowed", SQLSTATE 42501), so that the migration,
or the rollback, fails.

## When it bites

With every `DELETE` on `storage.objects` or `storage.buckets`, in function bodies too, unless the file sets
`storage.allow_delete_query`. Empty and remove buckets with the Storage API.

## Unsafe

```sql
DELETE FROM storage.buckets WHERE id = 'avatars';
```

## Safe

```sql
UPDATE storage.buckets SET public = false WHERE id = 'avatars';
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://supabase.com/docs/guides/storage/management/delete-objects
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changes_of
from lockgate.sql.parse import Node
from lockgate.types import Severity

_PROTECTED = (("storage", "objects"), ("storage", "buckets"))


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """DELETE on the tables of the storage."""
    if (context.session.settings.get("storage.allow_delete_query") or "").lower() == "true":
        return
    for kind, tree in changes_of(context):
        name = context.name(tree["relation"])
        if kind == "DeleteStmt" and (name.schema, name.name) in _PROTECTED:
            yield Hazard(
                f"{name} refuses deletes by SQL.",
                "SQLSTATE 42501: a trigger stops it, because the files would stay; use the Storage API.",
            )


RULE = Rule(
    id="supabase-storage-delete",
    group=Group.SUPABASE,
    severity=Severity.ERROR,
    on=(
        "DeleteStmt",
        "SelectStmt",
        "InsertStmt",
        "UpdateStmt",
    ),
    bodies=True,
    platform="supabase",
    check=check,
    doc=__doc__,
)
