"""The session does not say who it is.

## Hazard

Whoever looks at `pg_stat_activity` while everything waits sees a nameless session, and has to guess whether it may be
ended.

## When it bites

When a file that changes something sets no application_name. Lockgate sets its own; the rule is for files that others
run.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Safe

```sql
SET application_name = 'migration 20251201_140000';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-APPLICATION-NAME
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.settings import changes
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity

_QUIET = frozenset({"VariableSetStmt", "TransactionStmt", "SelectStmt", "Unparsed"})


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: nothing has set application_name."""
    statements = context.source.script.statements
    first = next((statement for statement in statements if statement.kind not in _QUIET), None)
    if first is None or any(_names_itself(statement) for statement in statements):
        return
    yield Hazard(
        "The session that runs this file does not say who it is.",
        "While others wait for it, pg_stat_activity shows no name; set application_name.",
        at=first,
    )


def _names_itself(statement: Statement) -> bool:
    return any(change.name == "application_name" for change in changes(statement.kind, statement.tree))


RULE = Rule(
    id="missing-application-name",
    group=Group.TRANSACTIONS,
    severity=Severity.INFO,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
