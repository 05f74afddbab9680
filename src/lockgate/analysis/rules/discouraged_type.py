"""A column has a type that the project does not want.

## Hazard

Some types are in the way later: `xml` cannot be compared or indexed, `hstore` is what `jsonb` replaced, `numeric`
without a precision takes any number of digits, and `SQL_ASCII` checks no encoding at all.

## When it bites

When a column is made as, or changed to, one of these, or one of `types` in the rule's settings (such as `["box",
"public.mood"]`); when a database is created with the encoding SQL_ASCII.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, page xml);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, page text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, typed_columns
from lockgate.analysis.state.types import options_of
from lockgate.sql.parse import Node
from lockgate.types import Severity

_WHY = {
    "xml": "It cannot be compared or indexed; use text, or jsonb.",
    "hstore": "It holds text only and needs an extension; use jsonb.",
    "numeric": "Without a precision it takes any number of digits; say how many.",
}


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A type of the list, or a database that checks no encoding."""
    if context.statement.kind == "CreatedbStmt":
        if options_of(node.get("options", [])).get("encoding", "").upper() == "SQL_ASCII":
            yield Hazard(
                "A database in SQL_ASCII checks no encoding.", "Bytes of any kind come in; use UTF8."
            )
        return
    listed: list[str] = context.setting(RULE.id, "types", [])
    for found in typed_columns(node, context):
        name = found.type.name
        usual = name.name in _WHY and not (name.name == "numeric" and found.type.modifiers)
        if usual or {name.name, str(name), found.type_sql} & set(listed):
            yield Hazard(
                f"{found.name} is {found.type_sql}.",
                _WHY.get(name.name, "")
                if usual
                else "The project's settings list it as a type that is not wanted.",
            )


RULE = Rule(
    id="discouraged-type",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=(*TYPED, "CreatedbStmt"),
    opt_in=True,
    check=check,
    doc=__doc__,
    settings={"types": list},
)
