"""A foreign table is readable through the API.

## Hazard

Row-level security does not exist for foreign tables: whoever may select from one reads all that the user mapping of
the server may read at the other end.

## When it bites

When a foreign table ends in an exposed schema and one of the API's roles may select from it; also with an
`IMPORT FOREIGN SCHEMA … INTO` such a schema, whose tables are known only to the other server.

## Unsafe

```sql
CREATE FOREIGN TABLE prices (id bigint) SERVER far;
```

## Safe

```sql
CREATE SCHEMA private;
CREATE FOREIGN TABLE private.prices (id bigint) SERVER far;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createforeigntable.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0017_foreign_table_in_api
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, exposed_relations, newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: foreign tables that the API may read; and a whole schema of them brought in."""
    if tree:
        schema = tree.get("local_schema", "")
        if schema in context.options.exposed_schemas:
            yield Hazard(
                f"The foreign tables that come into {schema} are open to the API.",
                "Foreign tables have no row-level security; import them into a schema that is not exposed.",
            )
        return
    for found in exposed_relations(context, "foreign table"):
        name = found.name
        birth = newest(context, ("relation", name), ("moved", name), ("grant", "table", name))
        if birth is not None:
            roles = " and ".join(api_roles(context, found, "select"))
            yield Hazard(
                f"{roles} may read every row of {name}.",
                "Foreign tables have no row-level security; move it out of the exposed schema, or revoke.",
                safe=f"REVOKE ALL ON TABLE {name.sql} FROM anon, authenticated;",
                at=birth,
            )


RULE = Rule(
    id="foreign-table-in-api",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(
        HISTORY_END,
        "ImportForeignSchemaStmt",
    ),
    platform="supabase",
    check=check,
    doc=__doc__,
)
