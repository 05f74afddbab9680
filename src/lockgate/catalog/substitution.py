"""New names in the place of old ones, inside the texts that the server prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lockgate.sql.identifiers import QualifiedName, quote

_TOKEN = re.compile(
    r"""(?P<string>[eE]?'(?:[^'\\]|''|\\.)*')|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<name>"(?:[^"]|"")+"|[a-zA-Z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)|(?P<other>.)""",
    re.DOTALL,
)
_REFERENCE = re.compile(r"::(regclass|regproc|regprocedure|regtype)\b")

_Tokens = list[tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class Names:
    """Old names and new ones: of schemas, of what lies in them, and of what a text mentions without a schema."""

    schemas: Mapping[str, str]
    relations: Mapping[QualifiedName, QualifiedName]
    routines: Mapping[QualifiedName, QualifiedName]
    bare: Mapping[str, str]

    def qualified(self, old: QualifiedName, *, called: bool) -> QualifiedName:
        """The new name of something in a schema; ``called`` when a parenthesis follows."""
        found = (self.routines.get(old) if called else None) or self.relations.get(old)
        return found or QualifiedName(self.schemas.get(old.schema, old.schema), old.name)


def substitute(text: str, names: Names) -> str:
    """A definition with the new names; strings stay as they are, unless they name an object (``'t'::regclass``)."""
    tokens = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(text)]
    out: list[str] = []
    at = 0
    while at < len(tokens):
        written, length = _next(tokens, at, names)
        out.append(written)
        at += length
    return "".join(out)


def _next(tokens: _Tokens, at: int, names: Names) -> tuple[str, int]:
    sort, token = tokens[at]
    if sort == "string" and _names_an_object(tokens, at):
        inside = substitute(token[1:-1].replace("''", "'"), names)
        return "'" + inside.replace("'", "''") + "'", 1
    if sort != "name":
        return token, 1
    if at + 2 < len(tokens) and tokens[at + 1][1] == ".":
        if tokens[at + 2][0] == "name":
            taken = _in_schema(tokens, at, names)
            if taken is not None:
                return taken
        elif _plain(token) in names.schemas:
            return quote(names.schemas[_plain(token)]), 1
    return names.bare.get(token, token), 1


def _names_an_object(tokens: _Tokens, at: int) -> bool:
    following = "".join(token for _, token in tokens[at + 1 : at + 4])
    return _REFERENCE.match(following) is not None


def _in_schema(tokens: _Tokens, at: int, names: Names) -> tuple[str, int] | None:
    old = QualifiedName(_plain(tokens[at][1]), _plain(tokens[at + 2][1]))
    followed = at + 3 < len(tokens) and tokens[at + 3][1] == "("
    # A routine may be called like a table; only a foreign key puts a parenthesis right behind a table.
    new = names.qualified(old, called=followed and _word_before(tokens, at) != "REFERENCES")
    if new == old:
        return None
    # An alias that is the relation's own name is not printed.
    following = "".join(token for _, token in tokens[at + 3 : at + 5])
    if following[:1] == " " and following[1:] and _plain(following[1:]) == new.name:
        return new.sql, 5
    return new.sql, 3


def _word_before(tokens: _Tokens, at: int) -> str:
    return next((token for _, token in reversed(tokens[:at]) if token.strip()), "")


def _plain(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


_ALIAS = re.compile(r'\s+AS\s+("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)')


def without_aliases(text: str) -> str:
    """A query without its AS: what the server adds to keep a view's column names when a table's column is renamed."""
    return _ALIAS.sub("", text)
