"""A table gets another name or schema while the old application still asks for the old one.

## Hazard

Every query of the running application that names the table fails from that moment, and until the new release runs
everywhere.

## When it bites

On a table or view that exists already. A view under the old name, made in the same transaction, lets old and new
releases run side by side (it can be written through, because it is a plain `SELECT *`); then nothing is reported.

## Unsafe

```sql
ALTER TABLE users RENAME TO accounts;
```

## Safe

```sql
ALTER TABLE users RENAME TO accounts;
CREATE VIEW users WITH (security_invoker = on) AS SELECT * FROM accounts;
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All; `security_invoker` since 15 (before, row-level security of the table does not see the caller through the view).

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
- https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(rename: Node, context: Context) -> Iterator[Hazard]:
    """RENAME or SET SCHEMA of something that others use, without a view under the old name."""
    schema, name = names.range_var(rename.get("relation", {}))
    old = context.state.relation_name(schema, name)
    if context.is_unshared(old) or context.state.index(schema, name) is not None:
        return
    new = QualifiedName(rename.get("newschema", old.schema), rename.get("newname", old.name))
    covered = _view_follows(context, old)
    if covered and context.transaction.is_block:
        return
    gap = " for a moment" if covered else ""
    yield Hazard(
        f"Moves {old} to {new}: an application that names {old} fails{gap}.",
        "Make a view under the old name in the same transaction, and drop it when the new release runs everywhere.",
        safe=_with_view(context, old, new) if context.state.known(old).kind != "materialized view" else "",
    )


def _view_follows(context: Context, old: QualifiedName) -> bool:
    later = context.source.script.statements[context.statement.index + 1 :]
    views = [statement.tree["view"] for statement in later if statement.kind == "ViewStmt"]
    return any(
        view.get("relname") == old.name and view.get("schemaname", old.schema) == old.schema for view in views
    )


def _with_view(context: Context, old: QualifiedName, new: QualifiedName) -> str:
    options = " WITH (security_invoker = on)" if context.major >= 15 else ""
    both = f"{context.statement.sql};\nCREATE VIEW {old.sql}{options} AS SELECT * FROM {new.sql};"
    return both if context.transaction.is_block else f"BEGIN;\n{both}\nCOMMIT;"


RULE = Rule(
    id="rename-table",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=(
        "RenameStmt/OBJECT_TABLE",
        "RenameStmt/OBJECT_VIEW",
        "RenameStmt/OBJECT_MATVIEW",
        "AlterObjectSchemaStmt/OBJECT_TABLE",
        "AlterObjectSchemaStmt/OBJECT_VIEW",
        "AlterObjectSchemaStmt/OBJECT_MATVIEW",
    ),
    check=check,
    doc=__doc__,
)
