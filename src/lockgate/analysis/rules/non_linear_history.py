"""A migration comes before others that are there already.

## Hazard

Migrations run in the order of their versions. One that is put between, or changed, after later ones were applied is
skipped by some runners, refused by others, and run in another order on a new database than on the old ones.

## When it bites

When a checked file has a version before one of the files that are only read as its history (`--since`, `--history`),
and when two files have the same version. What was applied where is known to `lockgate status`.

## Unsafe

```sql
-- 20251201_140000_add_colour.sql
ALTER TABLE orders ADD COLUMN colour text;
-- 20251201_140000_add_size.sql
ALTER TABLE orders ADD COLUMN size bigint;
```

## Safe

```sql
-- 20251201_140000_add_colour.sql
ALTER TABLE orders ADD COLUMN colour text;
-- 20251201_150000_add_size.sql
ALTER TABLE orders ADD COLUMN size bigint;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-alter.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of a file: later versions in the history, or the same version in an earlier file."""
    version = _digits(context.source.version)
    if not version:
        return
    for other in reversed(context.files[: context.first]):
        if _digits(other.version) > version and len(_digits(other.version)) == len(version):
            yield Hazard(
                f"{context.source.file} comes before {other.file}, which is there already.",
                "Some runners skip it, some refuse it, and a new database runs it in another order.",
                at=_first(context),
            )
            return
    other = context.first_of_version.get(context.source.version, context.source)
    if other.file != context.source.file:
        yield Hazard(
            f"{context.source.file} has the version of {other.file}.",
            "Only one of them can be recorded as applied.",
            at=_first(context),
        )


def _first(context: Context) -> Statement | None:
    return next(iter(context.source.script.statements), None)


def _digits(version: str) -> str:
    return "".join(letter for letter in version if letter.isdigit())


RULE = Rule(
    id="non-linear-history",
    group=Group.FILES,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
