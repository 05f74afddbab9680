"""Reads an SQL file strictly: what a person sees in an editor must be what the server gets.

The list of invisible characters follows CVE-2021-42574 ("Trojan Source") and the Unicode property
Default_Ignorable_Code_Point.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from pathlib import Path
from typing import Final

from lockgate.errors import SourceError

_MARKS_OF_OTHERS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_UTF8_MARK: Final = b"\xef\xbb\xbf"

# A pipe without a writer must not hold us up.
_READING: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_CONTROL: Final = r"\x00-\x08\x0e-\x1f\x7f"
_SUSPECT_ASCII: Final = re.compile(rf"[{_CONTROL}]|\r(?!\n)")
_SUSPECT: Final = re.compile(
    rf"[{_CONTROL}\x80-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]|\r(?!\n)"
)
_BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS: Final = frozenset("\u200c\u200d")
_KEYCAP: Final = "\u20e3"


def read_source(path: Path, label: str, limit: int) -> tuple[bytes, str]:
    """The bytes and the text of an SQL file, without a UTF-8 byte-order mark; raises SourceError.

    ``label`` is what messages call the file, ``limit`` the largest size in bytes.
    """
    raw = read_bytes(path, label, limit)
    return raw, decode_source(raw, label)


def read_bytes(path: Path | str, label: str, limit: int) -> bytes:
    """The bytes of a file, whatever they are; raises SourceError for what is no file, too large or not to be read."""
    try:
        descriptor = os.open(path, _READING)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError("not a regular file", path=label)
            if status.st_size > limit:
                raise _too_large(label, status.st_size, limit)
            return _all_of(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except PermissionError as error:
        raise SourceError(
            "cannot be read: permission denied", path=label, next_steps=[f"chmod u+r {label}"]
        ) from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=label) from error


def within_limit(raw: bytes, label: str, limit: int) -> bytes:
    """The same bytes; raises SourceError when they are too many."""
    if len(raw) > limit:
        raise _too_large(label, len(raw), limit)
    return raw


def _all_of(descriptor: int, size: int) -> bytes:
    part = os.read(descriptor, size + 1)
    if len(part) == size:
        # A file that ends where it said has been read to its end.
        return part
    parts = [part]
    while part := os.read(descriptor, size + 1):
        parts.append(part)
    return b"".join(parts)


def _too_large(label: str, size: int, limit: int) -> SourceError:
    return SourceError(
        f"{size / 2**20:.0f} MB is too large for a migration (the limit is {limit / 2**20:.0f} MB)",
        path=label,
        why="one statement of that size holds its locks for as long as it takes to send and to parse",
        next_steps=[
            "load rows with a seed file or a backfill",
            "or raise [project] max_file_size in lockgate.toml",
        ],
    )


def decode_source(raw: bytes, label: str) -> str:
    """The text of some bytes; raises SourceError with line and column for all that must not stand in SQL."""
    for mark, encoding in _MARKS_OF_OTHERS:
        if raw.startswith(mark):
            raise _misfit(f"the file is {encoding}", label, 1, 1)
    body = raw.removeprefix(_UTF8_MARK)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        line, column = _place(before, len(before))
        raise _misfit(f"invalid UTF-8 (byte 0x{body[error.start]:02x})", label, line, column) from error
    _refuse_suspects(text, label)
    return text


def _misfit(message: str, label: str, line: int, column: int) -> SourceError:
    return SourceError(
        message,
        path=label,
        line=line,
        column=column,
        next_steps=[f"save the file as UTF-8, for example: iconv -f windows-1252 -t utf-8 {label}"]
        if "invalid" in message
        else [f"save the file as UTF-8, for example: iconv -f {message.split()[-1]} -t UTF-8 {label}"],
    )


def _refuse_suspects(text: str, label: str) -> None:
    pattern = _SUSPECT_ASCII if text.isascii() else _SUSPECT
    for match in pattern.finditer(text):
        if not _is_harmless(text, match.start()):
            raise _suspect(text, match.start(), label)


def _is_harmless(text: str, at: int) -> bool:
    """Joiners and variation selectors belong to emoji and to Persian or Indic words, so to characters beyond ASCII."""
    character = text[at]
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    if is_selector and text[at + 1 : at + 2] == _KEYCAP:
        return True
    return (is_selector or character in _JOINERS) and at > 0 and not text[at - 1].isascii()


def _suspect(text: str, at: int, label: str) -> SourceError:
    character = text[at]
    line, column = _place(text, at)
    return SourceError(
        _describe(character),
        path=label,
        line=line,
        column=column,
        why=_reason(character),
        next_steps=_remedy(character),
    )


def _describe(character: str) -> str:
    code = f"U+{ord(character):04X}"
    if character == "\0":
        return f"a NUL byte ({code})"
    if character == "\r":
        return "a carriage return without a line feed"
    name = unicodedata.name(character, "control character").lower()
    kind = "bidirectional control" if character in _BIDIRECTIONAL else "invisible"
    return f"{kind} character {code} ({name})"


def _reason(character: str) -> str:
    if character == "\0":
        return "PostgreSQL's parser does not see anything behind it"
    if character == "\r":
        return "it ends a comment for PostgreSQL but not for every editor, so that hidden code can run"
    if character in _BIDIRECTIONAL:
        return "it makes an editor show the text in another order than the server reads it"
    return "nobody sees it in an editor, but the server reads it"


def _remedy(character: str) -> list[str]:
    if character in "\0\r":
        return ["remove it"]
    escape = f"\\{ord(character):04X}" if ord(character) <= 0xFFFF else f"\\+{ord(character):06X}"
    return [f"remove it; where a string needs it, write U&'{escape}'"]


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def suspect_character(text: str) -> str | None:
    """The first character of a text that nobody can see, described; None when there is none."""
    for match in _SUSPECT.finditer(text):
        if not _is_harmless(text, match.start()):
            return _describe(match.group())
    return None
