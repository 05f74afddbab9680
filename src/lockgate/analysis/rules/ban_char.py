"""A column is padded with blanks.

## Hazard

`char(n)` fills every value up with blanks, which count for storage but not for comparison, and are lost in most
functions. It is not faster than `text`.

## When it bites

When a column is made as, or changed to, `char`, `character` or `bpchar`. The one-byte type `"char"` of the catalog is
another one.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value char(3));
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_char.28n.29
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """char(n), character and bpchar."""
    for found in columns_of_type(node, context, "bpchar"):
        yield Hazard(
            f"{found.name} is {found.type_sql}, which is padded with blanks.",
            "Use text, with a CHECK of its length where that matters.",
        )


RULE = Rule(
    id="ban-char",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
