"""Statements whose effect cannot be taken back by SQL, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lockgate.sql.parse import Node, Statement, walk


def reason_against(statement: Statement) -> str | None:
    """Why a statement has no inverse, or None when it may have one."""
    if statement.failure:
        return f"a statement cannot be read: {statement.failure.message}"
    found = REASONS.get(statement.kind)
    return found(statement.tree) if found else None


def _always(reason: str) -> Callable[[Node], str | None]:
    return lambda tree: reason


def _role(tree: Node) -> str | None:
    options = {item["DefElem"]["defname"] for item in tree.get("options", [])}
    return (
        "the old password is not known to anybody who may read the catalog" if "password" in options else None
    )


def _user_mapping(tree: Node) -> str | None:
    return "the options of a user mapping are secret and cannot be written back"


def _function_call(tree: Node) -> str | None:
    for kind, node in walk(tree):
        if kind == "FuncCall":
            name = ".".join(item["String"]["sval"] for item in node["funcname"])
            if name in _OUTSIDE:
                return f"{name}() acts outside of this database"
    return None


_OUTSIDE: Final = frozenset(
    {"dblink_exec", "net.http_post", "net.http_get", "net.http_delete", "pg_terminate_backend", "lo_unlink"}
)

REASONS: Final[dict[str, Callable[[Node], str | None]]] = {
    "AlterRoleStmt": _role,
    "AlterUserMappingStmt": _user_mapping,
    "DropUserMappingStmt": _user_mapping,
    "AlterSystemStmt": _always("settings of the whole server are not part of a database"),
    "CreatedbStmt": _always("a database cannot be made or dropped together with anything else"),
    "DropdbStmt": _always("a dropped database only comes back from a backup"),
    "CreateTableSpaceStmt": _always("tablespaces belong to the server, not to a database"),
    "DropTableSpaceStmt": _always("tablespaces belong to the server, not to a database"),
    "CreateSubscriptionStmt": _always("a subscription holds a secret and a slot on another server"),
    "AlterSubscriptionStmt": _always("a subscription holds a secret and a slot on another server"),
    "DropSubscriptionStmt": _always("a subscription holds a secret and a slot on another server"),
    "SelectStmt": _function_call,
}
