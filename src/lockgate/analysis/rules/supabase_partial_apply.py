"""When this statement fails, half of the file stays.

## Hazard

The Supabase CLI runs `CREATE INDEX CONCURRENTLY` and its like apart from the rest of the file. When such a statement
fails, what stands before it is committed, an invalid index is left behind, nothing is recorded, and the next push
stops at what is there already.

## When it bites

When a file that the Supabase CLI runs mixes a statement that refuses a transaction with others that change something.
Lockgate records each statement of a file: there it is a remark for those who select the rule.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, body text);
CREATE INDEX CONCURRENTLY notes_body_idx ON notes (body);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, body text);
CREATE INDEX notes_body_idx ON notes (body);
```

## Lock

None of its own.

## Versions

All; seen with the CLI 2.122 and 3.1.

## References

- https://github.com/supabase/cli/issues/2898
- https://github.com/supabase/cli/issues/5139
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.transactions import must_run_outside
from lockgate.sql.parse import Node
from lockgate.types import Severity

_HARMLESS = frozenset({"SelectStmt", "VariableSetStmt", "TransactionStmt", "CommentStmt"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A statement that runs apart, in a file that does more."""
    by_cli = context.session.runner.name == "supabase"
    if not must_run_outside(context.statement.kind, tree) or not (by_cli or context.is_selected(RULE)):
        return
    others = [
        statement
        for statement in context.source.script.statements
        if statement.kind not in _HARMLESS and statement.index != context.statement.index
    ]
    if others and not context.nested:
        first = others[0]
        yield Hazard(
            f"It runs apart from line {first.line}: when one of them fails, the other stays, and nothing is recorded.",
            "The next push stops at what is there already; put it into a file of its own.",
            safe=f"{context.statement.sql};",
            severity=None if by_cli else Severity.INFO,
        )


RULE = Rule(
    id="supabase-partial-apply",
    group=Group.SUPABASE,
    severity=Severity.WARNING,
    on=(
        "IndexStmt",
        "DropStmt/OBJECT_INDEX",
        "ReindexStmt",
        "VacuumStmt",
        "ClusterStmt",
        "AlterSystemStmt",
        "AlterTableStmt",
    ),
    platform="supabase",
    check=check,
    doc=__doc__,
)
