"""A name does not follow the convention of the project.

## Hazard

Names that follow one pattern can be guessed; the others have to be looked up.

## When it bites

When a new or renamed object does not match the regular expression of its kind in the rule's settings: `table`,
`column`, `index`, `constraint`, `view`, `function`, `type`, `sequence`, `schema`, `trigger`, `rule`, such as `index =
".*_(idx|key)"`. Without a setting it is lower case with underscores, beginning with a letter.

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

import functools
import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.name_facts import NAMING, given_names
from lockgate.errors import ConfigError
from lockgate.sql.parse import Node
from lockgate.types import Severity

_USUAL = "[a-z][a-z0-9_]*"
_KINDS = (
    "table",
    "column",
    "index",
    "constraint",
    "view",
    "function",
    "type",
    "sequence",
    "schema",
    "trigger",
    "rule",
)


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Given names that do not match their pattern."""
    for given in given_names(context.statement.kind, tree):
        pattern = context.setting(RULE.id, given.kind, _USUAL)
        if _compiled(pattern).fullmatch(given.name) is None:
            yield Hazard(
                f"The {given.kind} {given.name} does not match {pattern}.",
                "The project's settings say how such names are made.",
            )


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        why = f"{pattern!r} is not a regular expression: {error}"
        raise ConfigError(f"naming-convention: {why}") from error


RULE = Rule(
    id="naming-convention",
    group=Group.NAMING,
    severity=Severity.INFO,
    on=NAMING,
    opt_in=True,
    check=check,
    doc=__doc__,
    settings=dict.fromkeys(_KINDS, str),
)
