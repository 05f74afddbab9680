"""A table has no comment.

## Hazard

Whoever meets the table in two years finds only its name.

## When it bites

When a table made by the checked files has no `COMMENT ON TABLE` at the end of them; with `columns = true` in the
rule's settings every column too. Partitions have that of their parent.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY);
COMMENT ON TABLE things IS 'What can be ordered';
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-comment.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: tables of the checked files without a comment."""
    columns_too = context.setting(RULE.id, "columns", False)
    for relation in context.state.relations():
        birth = context.state.birth("relation", relation.name)
        if (
            birth is None
            or birth.unit < context.first
            or relation.is_partition
            or relation.persistence == "temporary"
        ):
            continue
        if relation.kind not in ("table", "partitioned table", "foreign table"):
            continue
        if ("OBJECT_TABLE", str(relation.name)) not in context.state.comments:
            yield Hazard(f"{relation.name} has no comment.", "Nobody can look up what it is for.", at=birth)
        for column in relation.columns if columns_too else ():
            if ("OBJECT_COLUMN", f"{relation.name}.{column.name}") not in context.state.comments:
                yield Hazard(
                    f"{relation.name}.{column.name} has no comment.", "Nobody can look it up.", at=birth
                )


RULE = Rule(
    id="require-comment",
    group=Group.NAMING,
    severity=Severity.INFO,
    on=(HISTORY_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
    settings={"columns": bool},
)
