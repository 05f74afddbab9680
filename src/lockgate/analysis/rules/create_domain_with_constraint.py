"""A domain carries constraints, which are hard to change later.

## Hazard

A constraint of a domain cannot be changed for one table at a time: every change tests all of them. A column of a
constrained domain that is added to a table rewrites that table, even when it is NULL everywhere.

## When it bites

As a house rule, for databases with large tables.

## Unsafe

```sql
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
```

## Safe

```sql
CREATE DOMAIN email AS text;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createdomain.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE DOMAIN with CHECK or NOT NULL."""
    kinds = {item["Constraint"].get("contype") for item in tree.get("constraints", ())}
    if kinds & {"CONSTR_CHECK", "CONSTR_NOTNULL"}:
        yield Hazard(
            f"The domain {names.dotted(tree['domainname'])[1]} carries a constraint.",
            "It can only be changed for all tables at once; a CHECK on each table can be validated online.",
        )


RULE = Rule(
    id="create-domain-with-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    on=("CreateDomainStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
