"""Row-level security of a table in use is switched.

## Hazard

Off, and every row is open to whoever holds rights on the table; on, and every row is hidden that no policy lets
through. FORCE binds the owner too, and with him jobs and functions that run as the owner.

## When it bites

On a table that exists already. Off and NO FORCE are a warning, on and FORCE a remark.

## Unsafe

```sql
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
```

## Safe

Keep it on, and let a role of its own pass: a policy `TO that_role USING (true)`, or a role with BYPASSRLS.

## Lock

ACCESS EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_WHAT = {
    "AT_EnableRowSecurity": "Rows of {} that no policy lets through disappear for everybody it binds.",
    "AT_DisableRowSecurity": "All rows of {} are open to whoever holds rights on it.",
    "AT_ForceRowSecurity": "Rows of {} that no policy lets through disappear for its owner too.",
    "AT_NoForceRowSecurity": "All rows of {} are open to its owner.",
}


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """Row security of a table in use switched on or off."""
    table, subtype = context.target, command.get("subtype", "")
    if context.is_unshared(table.name):
        return
    opens = subtype in ("AT_DisableRowSecurity", "AT_NoForceRowSecurity")
    yield Hazard(
        _WHAT[subtype].format(table.name),
        "Try it with the roles of the application before and after.",
        severity=None if opens else Severity.INFO,
    )


RULE = Rule(
    id="rls-toggle",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(
        "AT_EnableRowSecurity",
        "AT_DisableRowSecurity",
        "AT_ForceRowSecurity",
        "AT_NoForceRowSecurity",
    ),
    check=check,
    doc=__doc__,
)
