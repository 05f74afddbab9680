"""A column holds numbers of the catalog that an upgrade does not keep.

## Hazard

`pg_upgrade` refuses a cluster with columns of `regproc`, `regprocedure`, `regoper`, `regoperator`, `regconfig`,
`regdictionary`, `regcollation` or `regnamespace`: they store object numbers that the new cluster gives anew.

## When it bites

When a column is made as, or changed to, one of these. `regclass`, `regtype` and `regrole` are kept and not reported.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, handler regproc);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, handler text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/pgupgrade.html
- https://www.postgresql.org/docs/current/datatype-oid.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity

_REFUSED = (
    "regproc",
    "regprocedure",
    "regoper",
    "regoperator",
    "regconfig",
    "regdictionary",
    "regcollation",
    "regnamespace",
)


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A column of a type that pg_upgrade refuses."""
    for found in columns_of_type(node, context, *_REFUSED):
        yield Hazard(
            f"{found.name} is {found.type_sql}, which pg_upgrade refuses.",
            "Its values are numbers of this cluster's catalog; store the name as text.",
        )


RULE = Rule(
    id="unsupported-reg-types",
    group=Group.TYPES,
    severity=Severity.WARNING,
    on=TYPED,
    check=check,
    doc=__doc__,
)
