"""An index, constraint, type, function or the like gets another name.

## Hazard

Something may know it by its name: `ON CONFLICT ON CONSTRAINT`, an ORM's model, a cast to the type, a call of the
function, a script that drops it.

## When it bites

When anything outside the database names it. The rename itself is quick.

## Unsafe

```sql
ALTER INDEX orders_user_idx RENAME TO orders_user_id_idx;
```

## Safe

```sql
COMMENT ON INDEX orders_user_idx IS 'by user';
```

## Lock

SHARE UPDATE EXCLUSIVE on a renamed index; ACCESS EXCLUSIVE for a moment on the table of a constraint, trigger or
policy.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-alterindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity

_NAMED_BY_CLIENTS = frozenset(
    {"FUNCTION", "PROCEDURE", "TYPE", "DOMAIN", "SEQUENCE", "AGGREGATE", "ATTRIBUTE"}
)
_OTHER_RULES = frozenset({"TABLE", "COLUMN", "VIEW", "MATVIEW", "SCHEMA"})


def check(rename: Node, context: Context) -> Iterator[Hazard]:
    """RENAME of anything that has no rule of its own."""
    kind = _kind(rename, context)
    if kind in _OTHER_RULES or _is_new(kind, rename, context):
        return
    words = {"TABCONSTRAINT": "constraint", "DOMCONSTRAINT": "constraint of a domain"}
    called = kind in _NAMED_BY_CLIENTS
    what = words.get(kind, kind.lower().replace("_", " "))
    yield Hazard(
        f"Renames {'an' if what[0] in 'aeiou' else 'a'} {what} to {rename.get('newname', '')}.",
        "An application that calls it by its name fails at once."
        if called
        else "Something may know it by its name: a script, an ORM, ON CONFLICT ON CONSTRAINT.",
        severity=Severity.WARNING if called else None,
    )


def _kind(rename: Node, context: Context) -> str:
    """What is renamed: ALTER TABLE takes an index, too."""
    kind = str(rename.get("renameType")).removeprefix("OBJECT_")
    if kind == "TABLE" and context.state.index(*names.range_var(rename["relation"])) is not None:
        return "INDEX"
    return kind


def _is_new(kind: str, rename: Node, context: Context) -> bool:
    """Whether this file made what it renames, or the table that it belongs to."""
    if "relation" in rename:
        index = context.state.index(*names.range_var(rename["relation"])) if kind == "INDEX" else None
        table = index.table if index else context.target.name
        return context.is_unshared(table) or context.is_of_this_file("index", index.name if index else table)
    if kind not in ("TYPE", "DOMAIN"):
        return False
    found = context.state.user_type(*names.object_name(rename["object"])) or context.state.domain(
        *names.object_name(rename["object"])
    )
    return found is not None and found.is_new


RULE = Rule(
    id="rename-other-object",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=("RenameStmt",),
    check=check,
    doc=__doc__,
)
