"""Domains: which tables a change of one reaches."""

from __future__ import annotations

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.sql.parse import Node


def shared_users(context: Context, alter_domain: Node) -> str | None:
    """The tables that use a domain, in words; None when the history says that nobody does."""
    schema, name = names.dotted(alter_domain["typeName"])
    domain = context.state.domain(schema, name)
    if domain is None:
        return f"every table that uses {name}"
    users = dict.fromkeys(table for table, _ in context.state.type_users(domain.name))
    shared = [str(table) for table in users if not context.is_unshared(table)]
    return ", ".join(shared) or None
