"""A rule rewrites queries in ways that their authors do not expect.

## Hazard

`CREATE RULE` changes every matching statement before it is planned: volatile expressions run more than once,
`RETURNING` and row counts say something else, `INSERT … ON CONFLICT`, `COPY` and `MERGE` pass it by or fail.

## When it bites

Whenever a rule is made on a table or view, other than the `_RETURN` rule that a view is. A trigger does what it says,
once for each row.

## Unsafe

```sql
CREATE RULE orders_keep AS ON DELETE TO orders DO INSTEAD UPDATE orders SET gone = true WHERE id = OLD.id;
```

## Safe

```sql
CREATE FUNCTION keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE orders SET gone = true WHERE id = OLD.id;
  RETURN NULL;
END;
$$;
CREATE TRIGGER orders_keep BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION keep_order();
```

## Lock

ACCESS EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/rules-triggers.html
- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_rules
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(rule: Node, context: Context) -> Iterator[Hazard]:
    """CREATE RULE for anything but the query of a view."""
    event = rule.get("event", "").removeprefix("CMD_")
    if event == "SELECT":
        return
    yield Hazard(
        f"The rule {rule.get('rulename', '')} rewrites every {event} on {context.target.name}.",
        "Expressions run more than once, row counts and RETURNING change, COPY and ON CONFLICT skip it; use a trigger.",
    )


RULE = Rule(
    id="create-rule",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=("RuleStmt",),
    check=check,
    doc=__doc__,
)
