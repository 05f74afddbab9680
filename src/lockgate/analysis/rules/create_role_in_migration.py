"""A migration makes or becomes a role.

## Hazard

Roles belong to the whole server: the second database of a server has them already, most providers allow only some of
it, and a password in a file is known to everybody who reads the repository.

## When it bites

With `CREATE` and `DROP` of `ROLE | USER | GROUP`, `SET ROLE`, `SET SESSION AUTHORIZATION` and a change of
owner. A password in clear text is a warning, and so is a role that no policy and no right holds back any more.

## Unsafe

```sql
CREATE ROLE reporting LOGIN PASSWORD 'secret';
```

## Safe

Create roles where servers are provided, and grant to them in migrations.

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createrole.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.settings import changes
from lockgate.analysis.state.security import role_name, roles
from lockgate.sql.parse import Node
from lockgate.types import Severity

_BECOMES = ("role", "session_authorization")
_POWERS = {"superuser": "SUPERUSER", "bypassrls": "BYPASSRLS"}


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Roles made, taken on or given objects to."""
    kind = context.statement.kind
    if kind == "VariableSetStmt":
        for change in changes(kind, tree):
            if change.name in _BECOMES and change.value not in (None, "none"):
                yield _hazard(f"The file goes on as {change.value}.")
    elif "newowner" in tree:
        yield _hazard(f"{role_name(tree['newowner'])} becomes the owner.")
    elif _has_password(tree):
        yield _hazard(f"The password of {_role(tree)} stands here in clear text.", Severity.WARNING)
    elif powers := ", ".join(_powers(tree)):
        yield _hazard(f"The role {_role(tree)} gets {powers}.", Severity.WARNING)
    elif kind == "DropRoleStmt":
        yield _hazard(f"{', '.join(roles(tree['roles']))} is dropped.")
    elif kind == "CreateRoleStmt":
        yield _hazard(f"The role {_role(tree)} is made.")


def _hazard(message: str, severity: Severity | None = None) -> Hazard:
    return Hazard(message, "Roles belong to the whole server, and to whoever provides it.", severity=severity)


def _role(tree: Node) -> str:
    role = tree.get("role", "")
    return role if isinstance(role, str) else role_name(role)


def _has_password(tree: Node) -> bool:
    for item in tree.get("options", ()):
        element = item["DefElem"]
        text = element.get("arg", {}).get("String", {}).get("sval", "")
        if element["defname"] == "password" and text and not text.startswith(("SCRAM-SHA-256$", "md5")):
            return True
    return False


def _powers(tree: Node) -> Iterator[str]:
    for item in tree.get("options", ()):
        element = item["DefElem"]
        if element["defname"] in _POWERS and element.get("arg", {}).get("Boolean", {}).get("boolval"):
            yield _POWERS[element["defname"]]


RULE = Rule(
    id="create-role-in-migration",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(
        "CreateRoleStmt",
        "AlterRoleStmt",
        "DropRoleStmt",
        "VariableSetStmt",
        "AlterOwnerStmt",
        "AT_ChangeOwner",
    ),
    check=check,
    doc=__doc__,
)
