"""Something is dropped without IF EXISTS where a failure does not undo it.

## Hazard

Outside a transaction the statements before a failure stay. The second run stops at the first of them, because what it
drops is gone.

## When it bites

Outside a transaction: with psql and sqitch without `BEGIN`, and in files that ask not to be wrapped. In a transaction
a failure leaves everything as it was.

## Unsafe

```sql
-- lockgate: no-transaction
DROP VIEW open_orders;
```

## Safe

```sql
-- lockgate: no-transaction
DROP VIEW IF EXISTS open_orders;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.rerun_facts import insert_words
from lockgate.sql.parse import Node
from lockgate.types import Severity

_WORDS = {"OBJECT_MATVIEW": "MATERIALIZED VIEW", "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE"}


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """DROP outside a transaction, without IF EXISTS."""
    if context.transaction.is_block or context.nested or tree.get("missing_ok"):
        return
    if "removeType" in tree:
        kind = tree["removeType"]
        word = _WORDS.get(kind, kind.removeprefix("OBJECT_").replace("_", " "))
        after = f"{word} CONCURRENTLY" if tree.get("concurrent") else word
        yield _hazard(context, f"this DROP {word}", after)
    else:
        word = tree["subtype"].removeprefix("AT_Drop").upper()
        alone = len(context.tree.get("cmds", ())) == 1
        yield _hazard(context, f"the {word.lower()} {tree.get('name', '')}", f"DROP {word}" if alone else "")


def _hazard(context: Context, what: str, after: str) -> Hazard:
    return Hazard(
        f"A second run stops at {what}, because it is gone.",
        "Outside a transaction a failure leaves the statements before it in place.",
        safe=insert_words(context.statement.sql, after, "IF EXISTS") if after else "",
    )


RULE = Rule(
    id="missing-if-exists",
    group=Group.RERUN,
    severity=Severity.INFO,
    on=(
        "DropStmt",
        "AT_DropColumn",
        "AT_DropConstraint",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
