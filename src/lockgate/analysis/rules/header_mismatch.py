"""The header says less than the SQL does.

## Hazard

Reviewers and release notes go by the header. A file that calls itself a low risk and rewrites a table, or that
changes permissions and calls itself a schema change, gets the wrong review.

## When it bites

When a type or the risk that the SQL shows is missing from the header. A header that says more than the SQL is
careful, and is not reported; neither is a file without a header.

## Unsafe

```sql
-- Migration: drop old orders
-- Type: Schema
-- Risk: Low
DROP TABLE legacy_orders;
```

## Safe

```sql
-- Migration: drop old orders
-- Type: Schema
-- Risk: High
DROP TABLE legacy_orders;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: what the derived class has and the header has not."""
    header, derived = context.source.header, context.derived
    if derived is None or not header.is_present:
        return
    missing = [kind.value for kind in derived.types if kind not in header.types]
    if header.text("Type") and missing:
        yield Hazard(
            f"The header says Type: {header.text('Type')}, but the SQL is also {' and '.join(missing)}.",
            f"Such a migration requires {', '.join(derived.requires)}.",
        )
    if header.risk is not None and header.risk.rank < derived.risk.rank:
        yield Hazard(
            f"The header says Risk: {header.risk.value}, but the SQL is {derived.risk.value}: {derived.risk_reason}.",
            "Reviewers go by the header.",
        )


RULE = Rule(
    id="header-mismatch",
    group=Group.FILES,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
