"""The type money depends on the server.

## Hazard

Its decimals and its sign come from `lc_monetary`: the same dump restored under another locale holds other amounts. It
knows no currency and rounds.

## When it bites

When a column is made as, or changed to, `money`.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value money);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value numeric(12, 2));
```

## Lock

None of its own.

## Versions

All.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_money
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """money."""
    for found in columns_of_type(node, context, "money"):
        yield Hazard(
            f"{found.name} is money, whose value depends on lc_monetary.",
            "Use numeric, or the smallest unit as bigint, and the currency in a column of its own.",
        )


RULE = Rule(
    id="ban-money",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
