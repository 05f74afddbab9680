"""A time of day with a zone means nothing.

## Hazard

An offset without a date cannot know summer time. The type is there because the standard asks for it; `CURRENT_TIME`
gives it.

## When it bites

When a column is made as, or changed to, `timetz`, and where `CURRENT_TIME` is used.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, opens timetz);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, opens time);
```

## Lock

None of its own.

## Versions

All.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timetz
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """timetz columns, and CURRENT_TIME."""
    if "op" in node:
        if str(node["op"]).startswith("SVFOP_CURRENT_TIME") and "STAMP" not in node["op"]:
            yield Hazard(
                "CURRENT_TIME is a time of day with a zone.", f"{_WHY}; use CURRENT_TIMESTAMP or LOCALTIME."
            )
        return
    for found in columns_of_type(node, context, "timetz"):
        yield Hazard(f"{found.name} is a time of day with a zone.", f"{_WHY}; use timestamptz or time.")


_WHY = "Without a date the offset cannot know summer time"


RULE = Rule(
    id="ban-timetz",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    inside=("SQLValueFunction",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
