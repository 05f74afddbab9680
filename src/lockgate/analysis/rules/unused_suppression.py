"""An ignore comment silences nothing, or names a rule that does not exist.

## Hazard

Whoever reads the comment believes that a hazard is known and accepted. It is not there (any more), or the rule is
spelled wrong and a real finding stands beside it. Left in place it will silence the next hazard, which nobody has
accepted.

## When it bites

When the statement behind the comment gives no finding of that rule, when there is no such rule, and when the reason
is missing. A rule that is switched off in this run says nothing about its comments.

## Unsafe

```sql
-- lockgate: ignore drop-tabel it was empty
ALTER TABLE orders ADD COLUMN note text;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN note text;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from lockgate.analysis.rules.base import LAST, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the very end: ignore directives that silenced nothing, or that cannot be read."""
    for directive, name, known in context.suppressions.unused(context.known_rules, context.active_rules):
        at = None if directive.statement is None else context.source.script.statements[directive.statement]
        if known:
            yield Hazard(
                f"The comment ignores {name}, which finds nothing here.",
                "Left in place it silences the next hazard of that kind, which nobody has accepted.",
                at=at,
            )
        else:
            close = difflib.get_close_matches(name, context.known_rules, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            yield Hazard(
                f"The comment ignores {name}, but there is no such rule.{hint}",
                "It silences nothing; the finding that was meant is still there.",
                at=at,
            )


RULE = Rule(
    id="unused-suppression",
    group=Group.FILES,
    severity=Severity.WARNING,
    on=(LAST,),
    check=check,
    doc=__doc__,
)
