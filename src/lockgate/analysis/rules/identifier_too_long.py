"""A name is longer than the server keeps.

## Hazard

Names are cut to 63 bytes with no more than a notice. Two long names that differ only at the end become the same one;
and a statement that looks for the whole name in the catalog does not find it.

## When it bites

When an identifier of a statement has more than 63 bytes in UTF-8; letters beyond ASCII take two bytes or more.

## Unsafe

```sql
CREATE TABLE a_table_name_that_somebody_has_made_of_a_whole_sentence_with_many_words (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE a_table_name_of_fewer_words (id bigint PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.sql.identifiers import MAX_BYTES
from lockgate.sql.parse import Node
from lockgate.types import Severity

_TOKENS = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'|'[^']*(?:''[^']*)*'"""
    r"""|(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)"""
    r"""|"(?P<quoted>[^"]*(?:""[^"]*)*)"|(?P<plain>[^\W\d][\w$]*)""",
    re.DOTALL,
)

_SHOWN = 200


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """Identifiers of more than 63 bytes; the parser has cut them already, so the text is asked."""
    sql = context.statement.sql
    if not _may_hold_one(sql):
        return
    for name in dict.fromkeys(_identifiers(sql)):
        if len(name.encode()) > MAX_BYTES:
            kept = name.encode()[:MAX_BYTES].decode("utf-8", "ignore")
            shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
            yield Hazard(
                f"{shown} has {len(name.encode())} bytes; the server keeps {kept}.",
                "Another name that begins like it becomes the same one.",
            )


def _may_hold_one(sql: str) -> bool:
    """Whether a word of the text, or something in quotes, has so many characters; a letter is of up to four bytes."""
    least = MAX_BYTES if sql.isascii() else MAX_BYTES // 4
    if '"' in sql and any(len(part) > least for part in sql.split('"')[1:]):
        return True
    return len(sql) > least and max(map(len, sql.split())) > least


def _identifiers(sql: str) -> Iterator[str]:
    for match in _TOKENS.finditer(sql):
        if match["quoted"] is not None:
            yield match["quoted"].replace('""', '"')
        elif match["plain"] is not None:
            yield match["plain"]


RULE = Rule(
    id="identifier-too-long",
    group=Group.NAMING,
    severity=Severity.WARNING,
    on=(ANY_STATEMENT,),
    check=check,
    doc=__doc__,
    values=True,
)
