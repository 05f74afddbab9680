"""``env(NAME)``: values from the process's environment and from the project's ``.env`` files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lockgate.errors import ConfigError

FILES: Final = (".env.local", ".env", "supabase/.env.local", "supabase/.env")
"""Where values are looked up after the process's environment; the first that has a name wins."""

_REFERENCE: Final = re.compile(r"env\(\s*([^()\s]*)\s*\)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def reference(value: str) -> str | None:
    """The NAME of ``env(NAME)``, None for any other text; raises ConfigError for one that is misspelt."""
    match = _REFERENCE.search(value)
    if match is None:
        return None
    if match.group() != value.strip() or not _NAME.match(match[1]):
        raise ConfigError(
            f"{value!r}: env(NAME) stands alone and names one variable",
            next_steps=['write "env(DATABASE_URL)"'],
        )
    return match[1]


def look_up(name: str, root: Path, environ: Mapping[str, str] | None = None) -> str:
    """The value of a variable; raises ConfigError that says where it was looked for."""
    values = os.environ if environ is None else environ
    if values.get(name):
        return values[name]
    for file in FILES:
        value = read_env_file(root / file, values).get(name)
        if value:
            return value
    raise ConfigError(
        f"env({name}) is not set",
        why=f"it stands neither in the environment nor in {', '.join(FILES)} of {root}",
        next_steps=[f"export {name}=…", f"or write it into {root / '.env'}, which git must ignore"],
    )


_LINE: Final = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*"
    r"(?:'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|([^\r\n]*))",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*\Z")
_EXPANSION: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


def read_env_file(file: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a ``.env`` file (none when it is absent or unreadable); ``${NAME}`` refers to earlier ones."""
    try:
        text = file.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return {}
    values: dict[str, str] = {}
    for match in _LINE.finditer(text):
        name, literal, quoted, bare = match.groups()
        if literal is not None:
            values[name] = literal
        else:
            raw = _unescape(quoted) if quoted is not None else _COMMENT.sub("", bare).strip()
            values[name] = _expand(raw, {**(environ or {}), **values})
    return values


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)


def _expand(text: str, values: Mapping[str, str]) -> str:
    return _EXPANSION.sub(lambda match: values.get(match[1], ""), text)
