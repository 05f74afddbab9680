"""A new table is exposed until another migration protects it.

## Hazard

Between the commit of this file and the one that enables row-level security everybody can read and write the table
through the API, and the second one may fail or come a week later.

## When it bites

When a file makes a table in an exposed schema and does not enable row-level security in the same file. It is stricter
than `rls-disabled-in-public`, which looks at the end of the history.

## Unsafe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, email text);
```

## Safe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, email text);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/postgres/row-level-security
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles
from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of a file: exposed tables that it made and left open."""
    for (name,) in context.state.made("relation"):
        table = context.state.relation(name.schema, name.name)
        if table is None or table.row_security or table.kind not in ("table", "partitioned table"):
            continue
        if table.persistence == "temporary" or name.schema not in context.options.exposed_schemas:
            continue
        if api_roles(context, table):
            yield Hazard(
                f"{name} is open to the API from this commit on.",
                "Until a later migration enables row-level security everybody may read and write it.",
                safe=f"ALTER TABLE {name.sql} ENABLE ROW LEVEL SECURITY;",
                at=context.state.birth("relation", name),
            )


RULE = Rule(
    id="rls-new-table",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
