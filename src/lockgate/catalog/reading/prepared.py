"""The introspection queries as prepared statements of a session, for whoever reads one schema again and again.

On a small schema, planning these queries takes several times longer than running them. The driver's own prepared
statements do not help: it forgets them at every ROLLBACK, although the server does not.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final

import psycopg

PREFIX: Final = "lockgate_catalog_"
_TYPES: Final = {"schemas": "oid[]", "members": "boolean"}
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")


def known(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """Which queries this session has prepared; DISCARD ALL may have removed them."""
    rows = connection.execute(
        "SELECT name FROM pg_catalog.pg_prepared_statements WHERE name LIKE 'lockgate\\_catalog\\_%'"
    ).fetchall()
    return frozenset(name.removeprefix(PREFIX) for (name,) in rows)


@functools.cache
def preparation(name: str, text: str) -> str:
    """The PREPARE statement of a query."""
    used = _used(text)
    numbered = _PLACEHOLDER.sub(lambda match: f"${used.index(match[1]) + 1}", text)
    types = f" ({', '.join(_TYPES[one] for one in used)})" if used else ""
    return f"PREPARE {PREFIX}{name}{types} AS {numbered}"


@functools.cache
def execution(name: str, text: str, schemas: tuple[int, ...], members: bool) -> str:
    """The EXECUTE statement of a query with its values."""
    values = {"schemas": "'{" + ",".join(map(str, schemas)) + "}'", "members": str(members).lower()}
    given = ", ".join(values[one] for one in _used(text))
    return f"EXECUTE {PREFIX}{name}" + (f" ({given})" if given else "")


def _used(text: str) -> list[str]:
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))
