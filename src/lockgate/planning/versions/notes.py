"""What a person is told about versions: at the gates, and below the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lockgate.planning.versions.standing import Standing
from lockgate.planning.versions.version import Version
from lockgate.sql.identifiers import quote


def ready(versions: Sequence[Version]) -> str:
    """What the new application may do when its version is there."""
    return f"may be deployed now: its search_path begins with {_path(versions)}"


def gate(versions: Sequence[Version]) -> str:
    """What must be true before a version may go."""
    name = versions[0].name
    return (
        f"nothing uses the version {name} any more: no connection, role or API is set to {_path(versions)}"
        f" (SELECT setrole::regrole, setconfig FROM pg_db_role_setting shows the roles)"
    )


def _path(versions: Iterable[Version]) -> str:
    return ", ".join(quote(version.schema) for version in versions)


def of(old: Sequence[Version], new: Sequence[Version], standing: Standing) -> tuple[str, ...]:
    """How clients choose a version, and what a view cannot do."""
    behind = ", ".join(quote(version.behind) for version in new)
    first, served = new[0], ",".join(version.schema for version in (*new, *old))
    path = f"search_path = {_path(new)}, {behind}"
    profiles = f"ALTER ROLE authenticator SET pgrst.db_schemas = '{served}'; NOTIFY pgrst, 'reload config'"
    notes = [
        f"each client asks for its version: {path} as a connection option, or ALTER ROLE … SET {path}",
        f"an API that exposes schemas by name needs both: {profiles} (on Supabase: its exposed schemas)",
        "a view takes SELECT, INSERT, UPDATE, DELETE and ON CONFLICT, but not COPY FROM or TRUNCATE: name the table",
        f"functions are found behind {first.schema} in the search path, with the columns that the tables have",
        f"a search path that still has {_path(old)} when it is gone finds {behind} in its new shape: hence the gate",
    ]
    if not standing.there:
        notes.append(f"clients that ask {behind} directly count as users of the version {old[0].name}")
    return tuple(notes)
