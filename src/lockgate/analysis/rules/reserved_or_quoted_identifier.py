"""A name has to be quoted everywhere.

## Hazard

Capital letters, blanks and reserved words work only in double quotes: every query by hand, every tool and every ORM
has to know, and `"userId"` is not `userid`.

## When it bites

When a new or renamed object or column has such a name. Names of policies, which are never written in a query, are not
reported.

## Unsafe

```sql
CREATE TABLE things ("userId" bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE things (user_id bigint PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.name_facts import NAMING, given_names
from lockgate.sql.identifiers import quote, reserved_words
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Given names that need quotes."""
    for given in given_names(context.statement.kind, tree):
        if quote(given.name) != given.name:
            reason = (
                "is a reserved word"
                if given.name in reserved_words()
                else "is not in lower case and underscores"
            )
            yield Hazard(
                f"The {given.kind} {quote(given.name)} {reason}.",
                "It works only in double quotes, everywhere and for ever.",
            )


RULE = Rule(
    id="reserved-or-quoted-identifier",
    group=Group.NAMING,
    severity=Severity.INFO,
    on=NAMING,
    opt_in=True,
    check=check,
    doc=__doc__,
)
