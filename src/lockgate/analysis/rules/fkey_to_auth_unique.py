"""A foreign key relies on a constraint that belongs to the platform's accounts.

## Hazard

A reference to a unique column of `auth.users`, such as `phone`, stops the auth service from changing that constraint:
its next update fails, and with it signing in.

## When it bites

When a foreign key points into the schema `auth` by other columns than the primary key.

## Unsafe

```sql
CREATE TABLE phones (id bigint PRIMARY KEY, phone text REFERENCES auth.users (phone));
```

## Safe

```sql
CREATE TABLE phones (id bigint PRIMARY KEY, user_id uuid REFERENCES auth.users (id));
```

## Lock

SHARE ROW EXCLUSIVE on `auth.users`, for a moment.

## Versions

All.

## References

- https://supabase.com/docs/guides/auth/managing-user-data
- https://supabase.com/docs/guides/database/database-advisors?lint=0021_fkey_to_auth_unique
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: foreign keys into auth by other columns than the key."""
    for table, name in context.state.made("constraint"):
        key = context.state.known(table).constraint(name)
        if (
            key is None
            or key.references is None
            or key.references.schema != "auth"
            or not key.referenced_columns
        ):
            continue
        if key.referenced_columns == _primary_key(context, key.references):
            continue
        columns = ", ".join(key.referenced_columns)
        yield Hazard(
            f"{table} references {key.references} ({columns}), which is not its primary key.",
            "The auth service cannot change that constraint any more, and its next update fails.",
            at=context.state.birth("constraint", table, name),
        )


def _primary_key(context: Context, name: QualifiedName) -> tuple[str, ...]:
    constraints = context.state.known(name).constraints
    return next((found.columns for found in constraints if found.kind == "primary key"), ("id",))


RULE = Rule(
    id="fkey-to-auth-unique",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(FILE_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
