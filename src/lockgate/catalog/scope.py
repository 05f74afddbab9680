"""Which part of a database a snapshot covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SUPABASE_SCHEMAS: Final = (
    "_analytics",
    "_realtime",
    "_supavisor",
    "auth",
    "cron",
    "extensions",
    "graphql",
    "graphql_public",
    "net",
    "pgbouncer",
    "pgmq",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "vault",
)
"""Schemas that the Supabase platform owns; on a plain PostgreSQL these names mean nothing."""

OWN_SCHEMA: Final = "lockgate"
"""The journal's schema; it is never part of a project's schema."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read.

    ``schemas`` names the only schemas to read (None: all but the system's, the platform's and our own); ``exclude``
    leaves out more. ``platform`` reads the platform's schemas too, ``members`` the objects that belong to extensions,
    ``roles`` the roles of the cluster and their settings.
    """

    schemas: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = (OWN_SCHEMA,)
    platform: bool = False
    members: bool = False
    roles: bool = False
