"""One transaction adds foreign keys to several tables that are in use.

## Hazard

Each foreign key takes SHARE ROW EXCLUSIVE on the table that it points to, and all of them are held until the end. Two
migrations, or a migration and a busy application, that take such locks in different order wait for each other.

## When it bites

When foreign keys to two or more tables that exist already are added in one transaction.

## Unsafe

```sql
ALTER TABLE orders ADD CONSTRAINT a FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT b FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD CONSTRAINT a FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT b FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;
```

## Lock

SHARE ROW EXCLUSIVE on every referenced table until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.foreign_key_facts import made_foreign_keys
from lockgate.analysis.state.catalog import Birth
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: transactions whose foreign keys point to several shared tables."""
    targets: dict[int, dict[str, Birth]] = {}
    for _table, key, birth in made_foreign_keys(context):
        if key.references and not context.is_unshared(key.references):
            targets.setdefault(birth.transaction, {})[str(key.references)] = birth
    for found in targets.values():
        if len(found) > 1:
            yield Hazard(
                f"One transaction locks {', '.join(found)} for foreign keys.",
                "SHARE ROW EXCLUSIVE lock on each of them until the end; taken in another order it ends in a deadlock.",
                at=list(found.values())[-1],
            )


RULE = Rule(
    id="multiple-foreign-keys",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
