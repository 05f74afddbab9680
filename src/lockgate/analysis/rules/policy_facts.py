"""Row security policies of the end state, and what their expressions say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.analysis.rules.api_facts import API_ROLES
from lockgate.analysis.rules.base import Context
from lockgate.analysis.rules.condition_facts import matches_every_row
from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.view import Policy, Relation
from lockgate.sql.parse import Node
from lockgate.values import value

ABOVE = frozenset(
    {"service_role", "postgres", "supabase_admin", "supabase_auth_admin", "supabase_storage_admin"}
)
"""Roles that row security does not bind; a policy for them alone says nothing about the API."""


@value(frozen=True, slots=True)
class PolicyAt:
    """A policy of the end state with its table and the statement that made or changed it."""

    relation: Relation
    policy: Policy
    birth: Birth

    @property
    def title(self) -> str:
        """The policy as messages call it."""
        return f"The policy {self.policy.name!r} of {self.relation.name}"


def policies(context: Context) -> Iterator[PolicyAt]:
    """The policies that the checked files made or changed, as they are at the end, and that bind somebody."""
    for relation in context.state.relations():
        for policy in relation.policies:
            birth = context.state.birth("policy", relation.name, policy.name)
            if birth is not None and birth.unit >= context.first and set(policy.roles) - ABOVE:
                yield PolicyAt(relation, policy, birth)


def expressions(policy: Policy) -> Iterator[Node]:
    """USING and WITH CHECK, as far as they are there."""
    yield from (tree for tree in (policy.using, policy.check) if tree is not None)


def is_true(expression: Node | None) -> bool:
    """Whether an expression is there and lets every row pass."""
    return expression is not None and matches_every_row(expression)


def bound_roles(context: Context, found: PolicyAt, *privileges: str) -> tuple[str, ...]:
    """The roles that a policy lets in; on Supabase only those of the API's that hold one of the rights count."""
    roles = [role for role in found.policy.roles if role not in ABOVE]
    if context.options.platform != "supabase":
        return tuple(roles)
    rights = context.state.privileges
    grants = rights.on_relation(found.relation.name)
    spread = dict.fromkeys(one for role in roles for one in (API_ROLES if role == PUBLIC else (role,)))
    return tuple(
        role
        for role in spread
        if role not in API_ROLES or any(rights.may(grants, role, privilege) for privilege in privileges)
    )


def calls(node: Any, inside: bool = False) -> Iterator[tuple[str, str, Node, bool]]:
    """Every function call of an expression: (schema, name, node, whether it stands in a subquery without a FROM).

    The server runs such a subquery once for the whole statement, and any other call for each row.
    """
    if isinstance(node, list):
        for item in node:
            yield from calls(item, inside)
        return
    if not isinstance(node, dict):
        return
    for key, part in node.items():
        if key == "FuncCall":
            yield (*names.dotted(part["funcname"]), part, inside)
        below = "fromClause" not in part if key == "SelectStmt" else inside
        yield from calls(part, below)
