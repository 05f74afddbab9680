"""Two checksums of a file: of its bytes, and of what its statements mean.

The parser is imported where statements are asked for: the bytes alone tell that nothing was edited.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lockgate.sql.parse import Script, Statement

GRAMMAR: Final = 18
"""The grammar of the parser; trees of different grammars are not compared."""


def of_bytes(raw: bytes) -> str:
    """SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def of_statements(script: Script) -> str:
    """A checksum that comments, layout and line endings do not change, but every change of a statement does.

    It begins with the version of the grammar (``pg18:…``); compare only those that begin alike. A statement that
    cannot be parsed counts with its text.
    """
    from lockgate.sql.parse import parse

    if "\r\n" in script.text:
        script = parse(script.text.replace("\r\n", "\n"))
    digest = hashlib.sha256()
    for statement in script.statements:
        digest.update(_canonical(statement))
        digest.update(b"\0")
    return f"pg{GRAMMAR}:{digest.hexdigest()}"


def _canonical(statement: Statement) -> bytes:
    from lockgate.sql.parse import without_locations

    if statement.failure:
        return statement.sql.encode("utf-8")
    tree = without_locations(statement.node)
    return _encoded(tree).encode("utf-8")


_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
