"""What an API that exposes the schema itself offers to its roles: tables, columns, functions and privileges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from lockgate.sql.queries import read as read_query

Offer = frozenset[str]
"""Sentences such as "authenticated may select public.users.email" and "public.users.email is text"."""


def offered(connection: psycopg.Connection[Any], schemas: Sequence[str], roles: Sequence[str]) -> Offer:
    """Everything that the API offers now; nothing where there are no such roles."""
    rows = connection.execute(
        read_query("lockgate.proving", "offered"), {"schemas": list(schemas), "roles": list(roles)}
    ).fetchall()
    return frozenset(text for (text,) in rows)
