"""A migration changes rows of a table that exists.

## Hazard

What it does depends on the rows, which differ from one environment to the next: it is quick and correct on an empty
test database, and neither in production.

## When it bites

With every `INSERT`, `UPDATE`, `DELETE`, `MERGE` and `COPY … FROM` of a table that this migration did not make.
Changes of rows belong in a job of their own, or at least in a migration of their own.

## Unsafe

```sql
INSERT INTO notes (id, body) VALUES (1, 'first');
```

## Safe

```sql
CREATE TABLE kinds (id bigint PRIMARY KEY, name text);
INSERT INTO kinds (id, name) VALUES (1, 'first');
```

## Lock

ROW EXCLUSIVE, and the rows.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/dml.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changes_of, is_own
from lockgate.sql.parse import Node
from lockgate.types import Severity

_VERBS = {
    "InsertStmt": "Inserts into",
    "UpdateStmt": "Updates",
    "DeleteStmt": "Deletes from",
    "MergeStmt": "Merges into",
    "CopyStmt": "Copies into",
}


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Rows of a table in use, changed by a migration."""
    changed = list(changes_of(context))
    if context.statement.kind == "CopyStmt" and tree.get("is_from") and "relation" in tree:
        changed = [("CopyStmt", tree)]
    for kind, node in changed:
        table = context.name(node["relation"])
        if not is_own(context, table):
            yield Hazard(
                f"{_VERBS[kind]} {table}, which holds other rows in every environment.",
                "What it does depends on them; a job of its own can be tested, watched and repeated.",
            )


RULE = Rule(
    id="dml-on-existing-table",
    group=Group.DATA,
    severity=Severity.INFO,
    on=(
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "MergeStmt",
        "SelectStmt",
        "CopyStmt",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
