"""Access privileges: from the server's ``role=privileges/grantor`` to grants, and what holds by default."""

from __future__ import annotations

import functools
import re
from typing import Final

from lockgate.catalog.address import PUBLIC, Grant

LETTERS: Final = {
    "r": "SELECT",
    "w": "UPDATE",
    "a": "INSERT",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
    "c": "CONNECT",
    "T": "TEMPORARY",
    "s": "SET",
    "A": "ALTER SYSTEM",
}

_OWNERS: Final = {
    "table": "arwdDxt",
    "sequence": "rwU",
    "routine": "X",
    "type": "U",
    "schema": "UC",
    "language": "U",
    "wrapper": "U",
    "server": "U",
    "column": "",
}
_EVERYBODYS: Final = {"routine": "X", "type": "U", "language": "U"}

_ITEM = re.compile(r'(?P<grantee>"(?:[^"]|"")*"|[^=]*)=(?P<letters>[^/]*)/(?P<grantor>.*)', re.DOTALL)


@functools.lru_cache(maxsize=4096)
def default_grants(sort: str, owner: str | None, major: int) -> frozenset[Grant]:
    """What the built-in defaults give on a new object of a sort (``table``, ``sequence``, ``routine``, ``type`` …)."""
    letters = _OWNERS[sort] + ("m" if sort == "table" and major >= 17 else "")
    name = owner or ""
    grants = {Grant(name, LETTERS[letter], False, name) for letter in letters}
    grants |= {Grant(PUBLIC, LETTERS[letter], False, name) for letter in _EVERYBODYS.get(sort, "")}
    return frozenset(grants)


def read_grants(
    acl: list[str] | None, sort: str, owner: str | None, major: int, roles: frozenset[str]
) -> tuple[tuple[Grant, ...] | None, tuple[str, ...]]:
    """Grants of an access list, None where it says what holds by default, and the items of roles that are gone."""
    if acl is None:
        return None, ()
    items = [_parse(item) for item in acl]
    lost = tuple(text for text, group in zip(acl, items, strict=True) if _is_lost(group, roles))
    grants = frozenset(grant for group in items if not _is_lost(group, roles) for grant in group)
    if grants == default_grants(sort, owner, major):
        return None, lost
    return tuple(sorted(grants)), lost


def _is_lost(group: tuple[Grant, ...], roles: frozenset[str]) -> bool:
    """Whether the grantee or the grantor is the bare oid of a role that was removed by force."""
    names = {name for grant in group for name in (grant.grantee, grant.grantor) if name}
    return any(name.isdecimal() and name not in roles for name in names)


@functools.lru_cache(maxsize=4096)
def _parse(item: str) -> tuple[Grant, ...]:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise ValueError(f"not an access privilege: {item!r}")
    grantee, grantor = _unquote(match["grantee"]), _unquote(match["grantor"])
    pairs = re.findall(r"([a-zA-Z])(\*?)", match["letters"])
    return tuple(Grant(grantee, LETTERS[letter], star == "*", grantor) for letter, star in pairs)


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
