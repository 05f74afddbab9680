"""Names of database objects: the type they travel in, and the one place that quotes them."""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path

from lockgate.values import value

MAX_BYTES = 63
"""PostgreSQL silently cuts longer names; we never let it."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


@functools.cache
def reserved_words() -> frozenset[str]:
    """The words that must be quoted as a name (reserved, or reserved except as type or function)."""
    text = Path(__file__).with_name("reserved_words.txt").read_text("utf-8")
    return frozenset(word for word in text.split() if word)


def quote(name: str) -> str:
    """A name as SQL, quoted only where it has to be; raises ValueError for an empty name or a NUL."""
    if not name or "\0" in name:
        raise ValueError("a name must not be empty or hold a NUL character")
    if _PLAIN.match(name) and name not in reserved_words():
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """A string as an SQL literal, safe whatever ``standard_conforming_strings`` says."""
    if text is None:
        return "NULL"
    if "\0" in text:
        raise ValueError("a string must not hold a NUL character")
    escaped = text.replace("'", "''")
    if "\\" in escaped:
        doubled = escaped.replace("\\", "\\\\")
        return f" E'{doubled}'"
    return f"'{escaped}'"


@value(frozen=True, slots=True, order=True)
class QualifiedName:
    """A schema and a name; ``sql`` is its quoted form, ``str()`` the plain one of the machine output."""

    schema: str
    name: str

    @property
    def sql(self) -> str:
        """The quoted, schema-qualified form."""
        return f"{quote(self.schema)}.{quote(self.name)}" if self.schema else quote(self.name)

    def __hash__(self) -> int:
        # Hardly ever does one name stand in two schemas, and a check looks up a hundred thousand of these.
        return hash(self.name)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def derived_name(*parts: str, suffix: str = "") -> str:
    """A name made from others that fits into 63 bytes; a cut one ends in a hash, so that two never collide."""
    whole = "_".join(parts) + suffix
    if len(whole.encode("utf-8")) <= MAX_BYTES:
        return whole
    digest = hashlib.sha256(whole.encode("utf-8")).hexdigest()[:8]
    room = MAX_BYTES - len(suffix.encode("utf-8")) - 9
    stem = "_".join(parts).encode("utf-8")[:room].decode("utf-8", "ignore")
    return f"{stem}_{digest}{suffix}"
