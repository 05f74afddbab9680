"""A constraint of a domain tests every table that uses the domain.

## Hazard

`ALTER DOMAIN … ADD CONSTRAINT` reads every table with a column of the domain, one after the other, and holds SHARE on
all of them: nobody can write to any until the last is tested.

## When it bites

When tables use the domain. With `NOT VALID` the old values are tested later, by `VALIDATE CONSTRAINT`, which also
takes SHARE, but only when you choose.

## Unsafe

```sql
ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (VALUE > 0);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (VALUE > 0) NOT VALID;
ALTER DOMAIN price VALIDATE CONSTRAINT price_positive;
```

## Lock

SHARE on every table that uses the domain, for a full scan of each. `VALIDATE` takes the same; a CHECK on the tables
themselves can be validated without stopping writes.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-alterdomain.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.domain_facts import shared_users
from lockgate.analysis.rules.safe import one_by_one
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A CHECK without NOT VALID on a domain that tables use."""
    constraint = tree.get("def", {}).get("Constraint", {})
    if (
        tree.get("subtype") != "C"
        or constraint.get("contype") != "CONSTR_CHECK"
        or constraint.get("skip_validation")
    ):
        return
    users = shared_users(context, tree)
    if users is None:
        return
    domain = QualifiedName(*names.dotted(tree["typeName"]))
    name = constraint.get("conname") or f"{domain.name}_check"
    later = {"Constraint": {**constraint, "conname": name, "skip_validation": True}}
    yield Hazard(
        f"Tests every row of {users} while nobody can write to them.",
        f"SHARE lock on every table that uses the domain {domain}, until all of them are read.",
        safe=one_by_one(
            context,
            deparse({"AlterDomainStmt": {**tree, "def": later}}),
            f"ALTER DOMAIN {domain.sql} VALIDATE CONSTRAINT {quote(name)}",
        ),
    )


RULE = Rule(
    id="domain-add-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AlterDomainStmt",),
    check=check,
    doc=__doc__,
)
