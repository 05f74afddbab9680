"""Everybody may create objects in a schema that others search.

## Hazard

Whoever may create in a schema of the search path can put a table, function or operator there that others use by
mistake, with their rights. Since PostgreSQL 15 the schema `public` is closed for that reason.

## When it bites

When `CREATE` or `ALL` on the schema `public`, or on an exposed one, is granted to `PUBLIC` or to the API's roles.

## Unsafe

```sql
GRANT ALL ON SCHEMA public TO PUBLIC;
```

## Safe

```sql
GRANT USAGE ON SCHEMA public TO PUBLIC;
```

## Lock

None.

## Versions

All; before 15 PUBLIC holds the right from the beginning: revoke it.

## References

- https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATTERNS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import API_ROLES
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.state.security import roles
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE on a schema that others search, for everybody."""
    if tree.get("objtype") != "OBJECT_SCHEMA" or not tree.get("is_grant"):
        return
    named = [item["AccessPriv"].get("priv_name", "") for item in tree.get("privileges", ())]
    everybody = [role for role in roles(tree.get("grantees", [])) if role in (PUBLIC, *API_ROLES)]
    searched = {"public", *context.options.exposed_schemas}
    schemas = [name for name in map(names.text, tree.get("objects", [])) if name in searched]
    if schemas and everybody and (not named or "create" in named):
        listed = ", ".join(everybody)
        yield Hazard(
            f"{listed} may create objects in {', '.join(schemas)}.",
            "What they put there is found before the real one, and runs with the rights of whoever uses it.",
            safe=f"GRANT USAGE ON SCHEMA {', '.join(quote(name) for name in schemas)} TO {listed};",
        )


RULE = Rule(
    id="public-schema-unsecured",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=("GrantStmt",),
    check=check,
    doc=__doc__,
)
