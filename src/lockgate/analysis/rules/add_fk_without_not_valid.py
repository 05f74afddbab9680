"""A foreign key is added and every old row is looked up while nobody can write to either table.

## Hazard

`ADD FOREIGN KEY` takes SHARE ROW EXCLUSIVE on *both* tables and joins them to test every row. Writes to both wait
until it is done.

## When it bites

On a referencing table that exists already, and with `ALTER CONSTRAINT … ENFORCED` (18), which reads it just so. With
`NOT VALID` only new and changed rows are tested; `VALIDATE` tests the old ones later and lets writes go on. A
partitioned referencing table knows `NOT VALID` only since 18; before, add the key to each partition in this way, and
then to the parent, which takes them over without a scan.

## Unsafe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user_fk;
```

## Lock

SHARE ROW EXCLUSIVE on both tables for the length of the test. Validation takes SHARE UPDATE EXCLUSIVE on the
referencing table and ROW SHARE on the referenced one.

## Versions

All; `NOT VALID` on partitioned tables since 18.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT
- https://www.postgresql.org/docs/release/18.0/
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.foreign_key_facts import has_on_every_partition, partition_by_partition
from lockgate.analysis.rules.safe import not_valid_then_validate
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """A foreign key without NOT VALID on a table that others use, or one that is enforced from now on."""
    if context.is_unshared(context.target.name):
        return
    if command.get("subtype") == "AT_AlterConstraint":
        yield from _enforced(command, context)
    else:
        yield from _added(command, context)


def _enforced(command: Node, context: Context) -> Iterator[Hazard]:
    """ENFORCED takes no NOT VALID: the way around is a second key."""
    lock = context.lock_of(command)
    if lock is None or not lock.scan:
        return
    name = command["def"]["ATAlterConstraint"].get("conname", "")
    yield Hazard(
        f"Enforces {name} of {context.target.name}: every row is looked up while nobody can use the table.",
        "ACCESS EXCLUSIVE lock until all rows are tested. Add the key a second time with NOT VALID, validate it, and "
        "drop the one that is not enforced.",
    )


def _added(command: Node, context: Context) -> Iterator[Hazard]:
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is None or spec.kind != "foreign key" or spec.not_valid:
        return
    partitioned = table.kind == "partitioned table" and context.major < 18
    if partitioned and has_on_every_partition(context, table, spec.constraint):
        return
    yield Hazard(
        f"Looks up every row of {table.name} in {spec.constraint.references} while nobody can write to either.",
        f"SHARE ROW EXCLUSIVE lock on {table.name} and on {spec.constraint.references} until all rows are tested.",
        safe=partition_by_partition(context, table, spec)
        if partitioned
        else not_valid_then_validate(context, table, spec),
    )


RULE = Rule(
    id="add-fk-without-not-valid",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint", "AT_AlterConstraint"),
    check=check,
    doc=__doc__,
)
