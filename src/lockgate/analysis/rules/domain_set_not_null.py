"""NOT NULL on a domain tests every table that uses the domain.

## Hazard

`ALTER DOMAIN … SET NOT NULL` reads every table with a column of the domain and holds SHARE on all of them: nobody can
write to any until the last is tested. There is no `NOT VALID` for it, and a column of such a domain rewrites every
table that it is added to.

## When it bites

When tables use the domain. Put the NOT NULL on the tables instead.

## Unsafe

```sql
ALTER DOMAIN price SET NOT NULL;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE products ADD CONSTRAINT products_price_present CHECK (price IS NOT NULL) NOT VALID;
ALTER TABLE products VALIDATE CONSTRAINT products_price_present;
ALTER TABLE products ALTER COLUMN price SET NOT NULL;
```

## Lock

SHARE on every table that uses the domain, for a full scan of each.

## Versions

All; `ALTER DOMAIN … ADD NOT NULL` exists since 17.

## References

- https://www.postgresql.org/docs/current/sql-alterdomain.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.domain_facts import shared_users
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """SET NOT NULL, or ADD NOT NULL, on a domain that tables use."""
    constraint = tree.get("def", {}).get("Constraint", {})
    added = tree.get("subtype") == "C" and constraint.get("contype") == "CONSTR_NOTNULL"
    users = shared_users(context, tree) if added or tree.get("subtype") == "O" else None
    if users is not None:
        yield Hazard(
            f"Reads {users} for NULLs while nobody can write to them.",
            "SHARE lock on every table that uses the domain, until all of them are read.",
        )


RULE = Rule(
    id="domain-set-not-null",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AlterDomainStmt",),
    check=check,
    doc=__doc__,
)
