"""A part of the migration is put together at run time and cannot be judged.

## Hazard

`EXECUTE` of a text that is made from variables can be anything: what it locks, drops or exposes is not known before
it runs.

## When it bites

In a DO block, or in a function that the file runs, where it is a warning; in the body of a function that is only
made, where it is a remark. What the block itself tells is read like any other statement: a constant, `||`, `format`,
`quote_ident` and the like over constants, a variable that gets one value, a loop over an array of constants. A DO block
in a language other than SQL and PL/pgSQL is opaque as a whole.

## Unsafe

```sql
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN tenant bigint', name);
  END LOOP;
END $$;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN tenant bigint;
ALTER TABLE notes ADD COLUMN tenant bigint;
```

## Lock

Unknown.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/plpgsql-statements.html#PLPGSQL-STATEMENTS-EXECUTING-DYN
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity
from lockgate.values import replace


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """The opaque places of a DO block or of a function's body."""
    runs_now = context.statement.kind == "DoStmt"
    severity = None if runs_now else Severity.INFO
    body = context.body
    if body is None:
        if runs_now:
            yield _hazard("The DO block is in a language that is not read here.", None, context.statement)
        return
    if body.failure:
        yield _hazard(f"The body cannot be read: {body.failure}.", severity, context.statement)
    for place in body.opaque:
        at = replace(context.statement, start=place.position, end=place.position)
        what = " ".join(place.expression.split())
        shown = what if len(what) <= 60 else f"{what[:57]}…"
        yield _hazard(f"What EXECUTE {shown} does is known only when it runs.", severity, at)


def _hazard(message: str, severity: Severity | None, at: Statement) -> Hazard:
    why = "No rule can judge it; write the statements out, or read it yourself and say so with an ignore directive."
    return Hazard(message, why, at=at, severity=severity)


RULE = Rule(
    id="opaque-dynamic-sql",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=(
        "DoStmt",
        "CreateFunctionStmt",
    ),
    check=check,
    doc=__doc__,
)
