"""What makes a plain server look like a Supabase project: roles once per cluster, the rest once per database."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

CLUSTER_SCRIPTS = ("roles.sql",)
DATABASE_SCRIPTS = (
    "schemas.sql",
    "extensions.sql",
    "auth.sql",
    "auth_factors.sql",
    "storage.sql",
    "storage_functions.sql",
    "realtime.sql",
    "realtime_functions.sql",
    "triggers.sql",
)
PLATFORM_SUPERUSER = "supabase_admin"


def prepare_cluster(connection: psycopg.Connection[Any]) -> None:
    """Create the platform's roles with their attributes, memberships and settings; as superuser, in autocommit."""
    _run(connection, CLUSTER_SCRIPTS)


def prepare_database(connection: psycopg.Connection[Any]) -> None:
    """Create the platform's schemas, tables, functions and default privileges in this database; as superuser."""
    _run(connection, DATABASE_SCRIPTS)


@functools.cache
def fingerprint() -> str:
    """Changes when any bootstrap script does."""
    digest = hashlib.sha256()
    for name in (*CLUSTER_SCRIPTS, *DATABASE_SCRIPTS):
        digest.update(_script(name).encode("utf-8"))
    return digest.hexdigest()[:16]


def _run(connection: psycopg.Connection[Any], names: tuple[str, ...]) -> None:
    with connection.transaction():
        for name in names:
            connection.execute(_script(name).encode("utf-8"))
            connection.execute("RESET ALL")


def _script(name: str) -> str:
    return resources.files("lockgate.local").joinpath("bootstrap", name).read_text("utf-8")
