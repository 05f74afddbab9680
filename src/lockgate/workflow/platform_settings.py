"""What ``supabase/config.toml`` says about the database itself: settings, and secrets of the vault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.config import Config, SupabaseSettings
from lockgate.config.variables import look_up, reference
from lockgate.errors import ConfigError
from lockgate.redaction import remember
from lockgate.sql.identifiers import literal

OF_SESSIONS: Final = frozenset(
    {
        "effective_cache_size",
        "logical_decoding_work_mem",
        "maintenance_work_mem",
        "max_parallel_maintenance_workers",
        "max_parallel_workers",
        "max_parallel_workers_per_gather",
        "max_stack_depth",
        "session_replication_role",
        "statement_timeout",
        "wal_sender_timeout",
        "work_mem",
    }
)
"""The keys of ``[db.settings]`` that a database can have for itself; the others size a server, which this is not."""


def as_sql(config: Config, found: SupabaseSettings) -> str:
    """The SQL that gives the project's own local database its settings and secrets; empty where there are none.

    A secret whose variable is not set is left out, as the Supabase CLI does.
    """
    return "\n".join((*_settings(found), *_secrets(config, found)))


def _settings(found: SupabaseSettings) -> Iterator[str]:
    for name, value in sorted(found.settings.items()):
        if name in OF_SESSIONS:
            command = literal(f"ALTER DATABASE %I SET {name} TO {literal(value)}")
            yield f"DO $set$ BEGIN EXECUTE format({command}, current_database()); END $set$;"


def _secrets(config: Config, found: SupabaseSettings) -> Iterator[str]:
    for name, text in sorted(found.vault.items()):
        secret = _value(config, text)
        if secret:
            remember(secret)
            known = f"(SELECT id FROM vault.secrets WHERE name = {literal(name)})"
            yield (
                f"SELECT CASE WHEN {known} IS NULL THEN vault.create_secret({literal(secret)}, {literal(name)})::text"
                f" ELSE vault.update_secret({known}, {literal(secret)})::text END;"
            )


def _value(config: Config, text: str) -> str:
    try:
        name = reference(text)
        return look_up(name, config.root) if name else text
    except ConfigError:
        return ""
