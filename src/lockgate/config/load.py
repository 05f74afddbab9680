"""Finds and reads ``lockgate.toml``; a project without one works with defaults."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lockgate.config.model import Config
from lockgate.config.reader import Fault, read, unknown
from lockgate.config.sections import SECTIONS, Environment
from lockgate.config.supabase import read_supabase
from lockgate.errors import ConfigError

FILE_NAME: Final = "lockgate.toml"


def load(start: Path | None = None) -> Config:
    """The settings of the project that a folder (default: the current one) belongs to; raises ConfigError.

    The project is the nearest folder upwards with a ``lockgate.toml``, else with a ``supabase/`` folder, else the
    folder itself. The search ends at the root of the git repository.
    """
    begin = (start or Path.cwd()).absolute()
    if begin.is_file():
        begin = begin.parent
    if not begin.is_dir():
        raise ConfigError(
            f"{begin} is not a folder", next_steps=["name the project's folder with --project DIR"]
        )
    root = _find_root(begin)
    file = root / FILE_NAME
    return read_config(root, file) if file.is_file() else _make(root, None, {})


def read_config(root: Path, file: Path) -> Config:
    """The settings of one file, for a project in ``root``; raises ConfigError that names every fault with its line."""
    text = _read_text(file)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file.name}: not valid TOML: {error}") from error
    _refuse_secrets(file, text, table)
    return _make(root, file, table, text)


def _find_root(begin: Path) -> Path:
    above = list(_upwards(begin))
    for folder in above:
        if (folder / FILE_NAME).is_file():
            return folder
    for folder in above:
        if (folder / "supabase" / "config.toml").is_file() or (folder / "supabase" / "migrations").is_dir():
            return folder
    return begin


def _upwards(begin: Path) -> Iterator[Path]:
    for folder in (begin, *begin.parents):
        yield folder
        if (folder / ".git").exists():
            return


def _read_text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file.name}: not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error


def _make(root: Path, file: Path | None, table: Mapping[str, Any], text: str = "") -> Config:
    faults: list[Fault] = []
    known = {*SECTIONS, "environments"}
    faults += [Fault((name,), unknown(name, known)) for name in table if name not in known]
    sections: dict[str, Any] = {
        name: read(cls, table.get(name, {}), (name,), faults) for name, cls in SECTIONS.items()
    }
    environments = _environments(table.get("environments", {}), faults)
    if faults:
        raise _error(file or root / FILE_NAME, text, faults)
    return Config(root, file, sections, environments, read_supabase(root))


def _environments(table: Any, faults: list[Fault]) -> dict[str, Environment]:
    if not isinstance(table, Mapping):
        faults.append(Fault(("environments",), "expected tables such as [environments.staging]"))
        return {}
    return {name: read(Environment, value, ("environments", name), faults) for name, value in table.items()}


def _error(file: Path, text: str, faults: list[Fault]) -> ConfigError:
    lines = [f"{_place(file, text, fault.key)}: {'.'.join(fault.key)}: {fault.message}" for fault in faults]
    return ConfigError("\n".join(lines), next_steps=[f"correct {file}"])


def _place(file: Path, text: str, key: tuple[str, ...]) -> str:
    line = line_of(text, key)
    return f"{file.name}:{line}" if line else file.name


_TABLE: Final = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


def line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line (from 1) where a key or a table stands in a TOML text, as far as a look at the lines can tell.

    Tables of an array count from 1: ``("check", "overrides", "1", "paths")``.
    """
    table: tuple[str, ...] = ()
    repeated: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        header, entry = _TABLE.match(line), _KEY.match(line)
        if header:
            table = _parts(header[1])
            if line.lstrip().startswith("[["):
                repeated[table] += 1
                table = (*table, str(repeated[table]))
            if table == key:
                return number
        elif entry:
            full = (*table, *_parts(entry[1]))
            if full == key[: len(full)]:
                return number
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


_SECRET_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]*:[^\s@]+@", re.IGNORECASE)
_SECRET_PAIR: Final = re.compile(r"\b(?:pg|ssl)?passw(?:or)?d\s*=\s*\S", re.IGNORECASE)


def _refuse_secrets(file: Path, text: str, table: Mapping[str, Any]) -> None:
    for key, value in _strings(table, ()):
        is_password = key[-1] == "password" and not value.startswith("env(")
        if is_password or _SECRET_URL.search(value) or _SECRET_PAIR.search(value):
            raise ConfigError(
                f"{_place(file, text, key)}: {'.'.join(key)}: a secret must not stand in this file",
                why="lockgate.toml belongs into version control, where everybody who can read it has the password",
                next_steps=[
                    f'write {key[-1]} = "env({_variable(key)})" and put the value into the environment or .env',
                    "change the password if the file was ever committed or shared",
                ],
            )


def _strings(value: Any, key: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str) and key:
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner, (*key, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)


def _variable(key: tuple[str, ...]) -> str:
    words = "_".join(key[1:-1]) or "DATABASE"
    kind = "PASSWORD" if key[-1] == "password" else "DATABASE_URL"
    return re.sub(r"\W", "_", f"{words}_{kind}").upper()
