"""The Supabase CLI takes two files of one day for the same version.

## Hazard

It reads the digits in front of the first underscore as the version: of `20251201_090000_a.sql` and
`20251201_140000_b.sql` that is `20251201` both times. The first is applied and recorded, the second fails with a
duplicate key (SQLSTATE 23505), and so does every push after it; `--dry-run` does not show it.

## When it bites

When two files of the project have the same digits in front of their first underscore, and the Supabase CLI (or its
branching, or its GitHub integration) runs them. Lockgate reads both parts: there it is a remark for those who select
the rule.

## Unsafe

```sql
-- 20251201_090000_add_colour.sql
CREATE TABLE colours (id bigint PRIMARY KEY);
-- 20251201_140000_add_size.sql
CREATE TABLE sizes (id bigint PRIMARY KEY);
```

## Safe

```sql
-- 20251201090000_add_colour.sql
CREATE TABLE colours (id bigint PRIMARY KEY);
-- 20251201140000_add_size.sql
CREATE TABLE sizes (id bigint PRIMARY KEY);
```

## Lock

None.

## Versions

All; seen with the CLI 2.122 and 3.1.

## References

- https://github.com/supabase/cli/issues/2564
- https://github.com/supabase/cli/issues/4417
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_NAME = re.compile(r"(?:.*[/\\])?(?P<version>[0-9]+)_[^/\\]*\.sql")


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of a file: an earlier one that the CLI takes for the same version."""
    by_cli = context.session.runner.name == "supabase"
    version = _version(context.source.file)
    if not version or not (by_cli or context.is_selected(RULE)):
        return
    for other in context.files[: context.state.now.unit]:
        if _version(other.file) == version and other.file != context.source.file:
            yield Hazard(
                f"To the Supabase CLI this file and {other.file} are the same version, {version}.",
                "The push fails with a duplicate key, every time; write date and time without an underscore.",
                at=next(iter(context.source.script.statements), None),
                severity=None if by_cli else Severity.INFO,
            )
            return


def _version(file: str) -> str:
    match = _NAME.fullmatch(file)
    return match["version"] if match else ""


RULE = Rule(
    id="supabase-same-day-version",
    group=Group.SUPABASE,
    severity=Severity.ERROR,
    on=(FILE_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
