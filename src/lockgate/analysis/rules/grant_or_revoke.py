"""Rights are given to everybody.

## Hazard

`PUBLIC` is every role there is and will be, `anon` is everybody on the network: what they may write, anybody may. A
REVOKE, the other way round, is an outage for whoever relied on the right.

## When it bites

When `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE` or `ALL` on tables, or `CREATE` or `ALL` on a schema, goes to `PUBLIC`
or `anon`, now or by default privileges. Tables with row-level security are left to their policies. Whoever selects
the rule hears of every other GRANT and REVOKE too, as remarks.

## Unsafe

```sql
GRANT ALL ON TABLE notes TO PUBLIC;
```

## Safe

Grant single rights on single tables to the role that needs them; what an API serves needs row-level security as well.

## Lock

None that others would notice.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.state.security import roles
from lockgate.sql.parse import Node
from lockgate.types import Severity

_EVERYBODY = frozenset({PUBLIC, "anon"})
_WRITES = frozenset({"insert", "update", "delete", "truncate", "create"})
_OPEN = frozenset({"OBJECT_TABLE", "OBJECT_SCHEMA"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """GRANT and REVOKE; what goes to everybody weighs more."""
    action = tree.get("action", tree)
    to = list(roles(action.get("grantees", action.get("grantee_roles", []))))
    listed = ", ".join(to)
    if action.get("is_grant") and _is_broad(action, to, context):
        yield Hazard(
            f"{', '.join(role for role in to if role in _EVERYBODY)} may write: that is everybody.",
            "Every role there is and will be, or everybody on the network, may change it; name the role that needs it.",
        )
    elif context.is_selected(RULE):
        verb = "gets rights" if action.get("is_grant") else "loses rights"
        yield Hazard(
            f"{listed} {verb}.",
            "Somebody sees more than before, or an application that relied on them fails.",
            severity=Severity.INFO,
        )


def _is_broad(action: Node, to: list[str], context: Context) -> bool:
    if not _EVERYBODY & set(to) or action.get("objtype") not in _OPEN:
        return False
    named = [item["AccessPriv"].get("priv_name", "") for item in action.get("privileges", ())]
    if named and not _WRITES & set(named):
        return False
    tables = [context.relation(item["RangeVar"]) for item in action.get("objects", ()) if "RangeVar" in item]
    return not tables or any(not table.row_security for table in tables)


RULE = Rule(
    id="grant-or-revoke",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(
        "GrantStmt",
        "GrantRoleStmt",
        "AlterDefaultPrivilegesStmt",
    ),
    check=check,
    doc=__doc__,
)
