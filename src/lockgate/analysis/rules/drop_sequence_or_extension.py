"""A sequence or an extension is dropped, or an extension changes its version.

## Hazard

What uses it is not listed anywhere: defaults, functions, applications that call `nextval()`; columns of an
extension's types go with `CASCADE`. An update of an extension may change what its functions return.

## When it bites

On what was there before this file.

## Unsafe

```sql
DROP EXTENSION IF EXISTS hstore;
```

## Safe

```sql
COMMENT ON EXTENSION hstore IS 'unused since December; to be dropped';
```

## Lock

ACCESS EXCLUSIVE on what is dropped.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-dropextension.html
- https://www.postgresql.org/docs/current/sql-alterextension.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """DROP SEQUENCE, DROP EXTENSION, ALTER EXTENSION … UPDATE."""
    if context.statement.kind == "AlterExtensionStmt":
        name = tree.get("extname", "")
        yield Hazard(
            f"Updates the extension {name}.", "Its functions may behave differently; read its release notes."
        )
        return
    sequence = tree.get("removeType") == "OBJECT_SEQUENCE"
    for item in tree.get("objects", ()):
        schema, name = names.object_name(item)
        if sequence and context.is_of_this_file("relation", context.state.relation_name(schema, name)):
            continue
        yield Hazard(
            f"Drops the {'sequence' if sequence else 'extension'} {name}.",
            "What uses it is not listed anywhere: defaults, functions, applications.",
        )


RULE = Rule(
    id="drop-sequence-or-extension",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=(
        "DropStmt/OBJECT_SEQUENCE",
        "DropStmt/OBJECT_EXTENSION",
        "AlterExtensionStmt",
    ),
    check=check,
    doc=__doc__,
)
