"""Something is created without IF NOT EXISTS where a failure does not undo it.

## Hazard

Outside a transaction the statements before a failure stay. The second run stops at the first of them, because what it
makes is there.

## When it bites

Outside a transaction: with psql and sqitch without `BEGIN`, and in files that ask not to be wrapped. In a transaction
a failure leaves nothing behind. A concurrent index build that failed leaves an invalid index, which `IF NOT EXISTS`
would keep: what it needs is a `DROP INDEX CONCURRENTLY IF EXISTS` in front.

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
from lockgate.analysis.rules.safe import one_by_one
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity
from lockgate.values import replace

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
        if not tree.get("missing_ok"):
            alone = len(context.tree.get("cmds", ())) == 1
            what = f"the column {tree['def']['ColumnDef'].get('colname', '')}"
            yield _hazard(context, what, "ADD COLUMN" if alone else "")
        return
    base = tree.get("base", tree)
    if base.get("if_not_exists") or tree.get("skipIfNewValExists") or "oldVal" in tree:
        return
    after, dropped = _KINDS[kind]
    name = _name(tree)
    if was_dropped_before(context, dropped, name):
        return
    if tree.get("concurrent") and name:
        yield replace(_hazard(context, name, ""), safe=_built_anew(context, name))
    else:
        yield _hazard(context, name or "the index", after if name else "")


def _built_anew(context: Context, index: str) -> str:
    name = QualifiedName(context.target.name.schema, index).sql
    return one_by_one(context, f"DROP INDEX CONCURRENTLY IF EXISTS {name}", context.statement.sql)


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
