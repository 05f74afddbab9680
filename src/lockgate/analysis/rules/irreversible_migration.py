"""A migration that destroys or breaks something has no way back.

## Hazard

When the deployment goes wrong there is nothing to run: somebody writes the way back by hand, in a hurry, and what was
dropped is gone. A way back that exists was at least thought about, and can be proved before it is needed.

## When it bites

When a migration is breaking or changes many rows, and has no rollback in a project that keeps rollbacks (one migration
with a rollback is enough to be one), or its header says `Rollback: none`. A `-- lockgate: irreversible REASON` in the
file, or in the place of its rollback, says that it was meant so.

## Unsafe

```sql
-- Migration: drop old orders
-- Rollback: none
DROP TABLE legacy_orders;
```

## Safe

```sql
-- lockgate: irreversible exported to the archive in May, nobody reads it
DROP TABLE legacy_orders;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/app-pgdump.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.findings import Classified
from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.migration.directives import Irreversible
from lockgate.sql.parse import Node
from lockgate.types import MigrationType, Risk, Severity

_NONE = frozenset({"none", "no", "n/a", "not possible", "-"})


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: a high risk or a breaking change without a way back, and without a word about it."""
    source, derived = context.source, context.derived
    if derived is None or not _takes_away(derived):
        return
    said = source.has_rollback is None and (source.header.text("Rollback") or "").strip(" .").lower() in _NONE
    if (source.has_rollback is False or said) and source.directives.first(Irreversible) is None:
        yield Hazard(
            f"There is no way back, and the migration is not harmless: it {derived.risk_reason}.",
            "Write the rollback (lockgate rollback write), or say with lockgate: irreversible why there is none.",
        )


def _takes_away(derived: Classified) -> bool:
    """Whether the old application may fail, or old rows are lost; a long lock alone needs no way back."""
    return derived.breaking or (derived.risk is Risk.HIGH and MigrationType.DATA in derived.types)


RULE = Rule(
    id="irreversible-migration",
    group=Group.FILES,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
