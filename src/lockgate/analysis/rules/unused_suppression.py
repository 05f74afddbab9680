"""An ignore directive silences nothing.

## Hazard

It stays behind when the statement below it has changed, or names a rule that does not exist: whoever reads it
believes that somebody has looked, and the next hazard of that kind passes in silence.

## When it bites

When no finding of a named rule, or group, was on the statement. A rule that is switched off in this run says nothing
about its directives.

## Unsafe

```sql
-- lockgate: ignore drop-colum nobody reads it any more
ALTER TABLE orders DROP COLUMN note;
```

## Safe

```sql
-- lockgate: ignore drop-column nobody reads it any more
ALTER TABLE orders DROP COLUMN note;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lockgate.analysis.rules.base import LAST, Context, Group, Hazard, Rule
from lockgate.migration.directives import Ignore
from lockgate.sql.parse import Node, Statement
from lockgate.types import Position, Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """After all other rules: directives that have silenced nothing."""
    from lockgate.analysis.dispatch import choose
    from lockgate.analysis.rules import ALL

    if not context.suppressions.directives:
        return
    known = _names(ALL)
    active = _names(choose(ALL, context.options))
    for directive, name, exists in context.suppressions.unused(known, active):
        yield Hazard(
            f"The ignore of {name} silences nothing."
            if exists
            else f"There is no rule {name!r} that could be ignored.",
            "Take it away, so that the next finding here is seen.",
            at=_place(directive, context),
        )


def _names(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in (rule.id, rule.group.value))


def _place(directive: Ignore, context: Context) -> Statement:
    """The statement that the directive belongs to, from the directive's own line on."""
    statements = context.source.script.statements
    known = directive.statement is not None and directive.statement < len(statements)
    statement = (
        statements[directive.statement] if known and directive.statement is not None else context.statement
    )
    return replace(
        statement, start=directive.position, end=max(statement.end, directive.position, key=_offset)
    )


def _offset(position: Position) -> int:
    return position.offset


RULE = Rule(
    id="unused-suppression",
    group=Group.FILES,
    severity=Severity.WARNING,
    on=(LAST,),
    check=check,
    doc=__doc__,
)
