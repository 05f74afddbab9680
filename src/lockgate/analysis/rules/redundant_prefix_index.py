"""An index is covered by a longer one.

## Hazard

A B-tree on `(a, b)` serves every search that a B-tree on `(a)` serves. The shorter one is written by every change and
used by nothing.

## When it bites

When all columns of a plain B-tree are the first columns of another one with the same condition. A unique index is not
redundant, because it also forbids duplicates.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY orders_total_note_idx ON orders (total, note);
CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_total_note_idx ON orders (total, note);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.index_facts import is_prefix, made_indexes
from lockgate.analysis.view import Index
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: indexes of this file that are a prefix of another, or have an older one as prefix."""
    for index, others, birth in made_indexes(context):
        for other in others:
            short, long = (index, other) if is_prefix(index, other) else (other, index)
            made_later = context.state.birth("index", other.name)
            if (
                not is_prefix(short, long)
                or (made_later == birth)
                or (short is other and _is_made(context, other))
            ):
                continue
            yield Hazard(
                f"The index {short.name.name} is covered by {long.name.name} on {index.table}.",
                "Every search that the shorter one serves is served by the longer one too.",
                at=birth,
            )


def _is_made(context: Context, index: Index) -> bool:
    return context.is_of_this_file("index", index.name)


RULE = Rule(
    id="redundant-prefix-index",
    group=Group.INDEXES,
    severity=Severity.INFO,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
