"""Something is created without IF NOT EXISTS where a failure does not undo it.

## Hazard

Outside a transaction the statements before a failure stay. The second run stops at the first of them, because what it
makes is there.

## When it bites

Outside a transaction: with psql and sqitch without `BEGIN`, and in files that ask not to be wrapped. In a transaction
a failure leaves nothing behind. A concurrent index build is not reported: there `IF NOT EXISTS` would keep an invalid
index.

## Unsafe

```sql
-- lockgate: no-transaction
CREATE TABLE notes (id bigint PRIMARY KEY);
```

## Safe

```sql
-- lockgate: no-transaction
CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.rerun_facts import insert_words, was_dropped_before
from lockgate.sql.parse import Node
from lockgate.types import Severity

_KINDS = {
    "CreateStmt": ("TABLE", "OBJECT_TABLE"),
    "CreateForeignTableStmt": ("TABLE", "OBJECT_FOREIGN_TABLE"),
    "IndexStmt": ("INDEX", "OBJECT_INDEX"),
    "CreateSchemaStmt": ("SCHEMA", "OBJECT_SCHEMA"),
    "CreateSeqStmt": ("SEQUENCE", "OBJECT_SEQUENCE"),
    "CreateExtensionStmt": ("EXTENSION", "OBJECT_EXTENSION"),
    "CreateTableAsStmt": ("", "OBJECT_MATVIEW"),
    "AlterEnumStmt": ("ADD VALUE", ""),
}


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE and ADD outside a transaction, where the server would know IF NOT EXISTS."""
    if context.transaction.is_block or context.nested:
        return
    kind = context.statement.kind
    if kind == "AlterTableStmt":
        if not tree.get("missing_ok") and len(context.tree.get("cmds", ())) == 1:
            yield _hazard(context, f"the column {tree['def']['ColumnDef'].get('colname', '')}", "ADD COLUMN")
        return
    base = tree.get("base", tree)
    if (
        base.get("if_not_exists")
        or tree.get("skipIfNewValExists")
        or "oldVal" in tree
        or tree.get("concurrent")
    ):
        return
    after, dropped = _KINDS[kind]
    name = _name(tree)
    if not was_dropped_before(context, dropped, name):
        yield _hazard(context, name or "the index", after if name else "")


def _hazard(context: Context, what: str, after: str) -> Hazard:
    return Hazard(
        f"A second run stops at {what}, because it is there.",
        "Outside a transaction a failure leaves the statements before it in place.",
        safe=insert_words(context.statement.sql, after, "IF NOT EXISTS") if after else "",
    )


def _name(tree: Node) -> str:
    base = tree.get("base", tree)
    relation = base.get("into", {}).get("rel") or base.get("sequence") or {}
    named: str = (
        tree.get("idxname")
        or tree.get("schemaname")
        or tree.get("extname")
        or tree.get("newVal")
        or relation.get("relname")
    ) or ("" if "indexParams" in tree else base.get("relation", {}).get("relname", ""))
    return named


RULE = Rule(
    id="missing-if-not-exists",
    group=Group.RERUN,
    severity=Severity.INFO,
    on=(
        "CreateStmt",
        "CreateForeignTableStmt",
        "IndexStmt",
        "CreateSchemaStmt",
        "CreateSeqStmt",
        "CreateExtensionStmt",
        "CreateTableAsStmt",
        "AlterEnumStmt",
        "AT_AddColumn",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
