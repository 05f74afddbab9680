r"""What psql understands and the server does not: its commands, and the rows behind COPY … FROM STDIN."""

from __future__ import annotations

import re
from typing import Final

from lockgate.values import value

_COMMAND: Final = "psql's own command \\"
_ROWS: Final = "rows for psql behind COPY … FROM STDIN"

_TOKENS: Final = re.compile(
    r"""
      (?:\b[eE])'(?:[^'\\]|\\.|'')*+'
    | '(?:[^']|'')*+'
    | "(?:[^"]|"")*+"
    | \$(?P<tag>[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$.*?\$(?(tag)(?P=tag))\$
    | --[^\n]*+
    | /\*.*?(?:\*/|\Z)
    | ^[ \t]*COPY\b[^;]*?\bFROM[ \t]+STDIN\b[^;]*+;[ \t]*+\r?\n(?P<rows>.*?(?:^\\\.[ \t]*\r?$|\Z))
    | ^[ \t]*(?P<line>\\(?P<name>[A-Za-z!?]\w*+|\S)[^\n]*)
    | (?P<send>\\(?P<verb>g\w*|crosstabview|watch|bind|parse)\b[^\n]*)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


_MASKED: Final = {"rows": "", "line": "", "send": ";"}
"""What is left of each."""

_BLACK: Final = re.compile(r"[^\r\n]")


@value(frozen=True, slots=True)
class Foreign:
    """A stretch of a text that is not SQL, by character offsets, and what to say of it."""

    start: int
    end: int
    message: str


def mask(text: str) -> tuple[str, list[Foreign]]:
    """The text with what only psql understands blanked out, so that every offset stays, and where it stood.

    A command that sends what stands before it (``\\gset``) leaves the semicolon that it stands for.
    """
    if "\\" not in text:
        return text, []
    pieces: list[str] = []
    found: list[Foreign] = []
    at = 0
    for match in _TOKENS.finditer(text):
        part = match.lastgroup
        if part not in _MASKED or not match[part]:
            continue
        start, end = match.span(part)
        found.append(Foreign(start, end, _message(match)))
        pieces += [text[at:start], _MASKED[part], _BLACK.sub(" ", text[start + len(_MASKED[part]) : end])]
        at = end
    return "".join([*pieces, text[at:]]), found


def _message(match: re.Match[str]) -> str:
    return _ROWS if match["rows"] else _COMMAND + (match["name"] or match["verb"])


def is_told(message: str) -> bool:
    """Whether a message says that something is for psql alone."""
    return message == _ROWS or message.startswith(_COMMAND)
