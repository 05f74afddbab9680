"""The roles of a local server as a value: they belong to the whole cluster, so a reset has to put them back itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lockgate.local.link import Session
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.queries import read as read_query

_PACKAGE = "lockgate.local"
_LISTS = frozenset(
    {"search_path", "session_preload_libraries", "local_preload_libraries", "temp_tablespaces"}
)
"""Settings whose stored text is a list of names already quoted."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its attributes as words, its settings as ``name=value``, its memberships as tails of GRANT."""

    attributes: str
    settings: tuple[str, ...]
    memberships: tuple[str, ...]


Roles = dict[str, Role]


def capture(connection: Session) -> Roles:
    """All roles but PostgreSQL's own and superusers, in the order in which they were made. Passwords stay out."""
    version = "roles" if connection.info.server_version >= 160000 else "roles_15"
    rows = connection.execute(read_query(_PACKAGE, version).encode("utf-8")).fetchall()
    return {
        name: Role(attributes, tuple(settings), tuple(members))
        for name, attributes, settings, members in rows
    }


def describe(connection: Session, database: str, roles: Roles) -> None:
    """Note on a database which roles it goes with, and that it was used now."""
    note = json.dumps({"used": time.time(), "roles": _to_json(roles)})
    connection.execute(f"COMMENT ON DATABASE {quote(database)} IS {literal(note)}".encode())


def read_description(comment: str | None) -> tuple[float, Roles]:
    """When a database was used last (seconds of the epoch), and its roles, from what :func:`describe` noted."""
    document = json.loads(comment or "{}")
    return document.get("used", 0.0), _from_json(document.get("roles", {}))


def _to_json(roles: Roles) -> dict[str, list[Any]]:
    return {
        name: [role.attributes, list(role.settings), list(role.memberships)] for name, role in roles.items()
    }


def _from_json(document: dict[str, list[Any]]) -> Roles:
    return {
        name: Role(attributes, tuple(settings), tuple(memberships))
        for name, (attributes, settings, memberships) in document.items()
    }


def surplus(connection: Session, wanted: Roles) -> list[str]:
    """The roles that are there but not wanted."""
    return [name for name in capture(connection) if name not in wanted]


def dependents(connection: Session, names: list[str]) -> list[str]:
    """The databases that keep these roles from being dropped."""
    rows = connection.execute(read_query(_PACKAGE, "role_dependents"), (names,)).fetchall() if names else []
    return [name for (name,) in rows]


def restore(connection: Session, wanted: Roles) -> None:
    """Make the roles what they were; a role that still owns something must have lost it before."""
    present = capture(connection)
    for name in reversed([name for name in present if name not in wanted]):
        connection.execute(f"DROP ROLE {quote(name)}")
    for command in _commands(capture(connection) if len(present) > len(wanted) else present, wanted):
        connection.execute(command.encode("utf-8"))


def _commands(present: Roles, wanted: Roles) -> Iterator[str]:
    for name, role in wanted.items():
        known = present.get(name)
        if known is None:
            yield f"CREATE ROLE {quote(name)} {role.attributes}"
        elif known.attributes != role.attributes:
            yield f"ALTER ROLE {quote(name)} {role.attributes}"
    for name, role in wanted.items():
        known = present.get(name, Role("", (), ()))
        yield from _settings(name, known, role)
        yield from _memberships(name, known, role)


def _settings(name: str, known: Role, role: Role) -> Iterator[str]:
    if known.settings == role.settings:
        return
    yield f"ALTER ROLE {quote(name)} RESET ALL"
    for entry in role.settings:
        setting, _, value = entry.partition("=")
        shown = value if setting in _LISTS else literal(value)
        yield f"ALTER ROLE {quote(name)} SET {_setting_name(setting)} TO {shown}"


def _setting_name(setting: str) -> str:
    return ".".join(quote(part) for part in setting.split("."))


def _memberships(name: str, known: Role, role: Role) -> Iterator[str]:
    for tail in known.memberships:
        if tail not in role.memberships:
            granted, _, options = tail.partition(" WITH ")
            grantor = options.partition(" GRANTED BY ")[2]
            yield f"REVOKE {granted} FROM {quote(name)}" + (f" GRANTED BY {grantor}" if grantor else "")
    for tail in role.memberships:
        if tail not in known.memberships:
            granted, with_, options = tail.partition(" WITH ")
            yield f"GRANT {granted} TO {quote(name)}{with_}{options}"
