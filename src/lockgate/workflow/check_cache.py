"""Reports of earlier checks: what was checked before in the same way is not checked again.

A report depends on nothing but the files, the options and the code of the analysis, so that their digest is its name.
An entry that cannot be read, or does not match its own checksum, is as good as none; a folder that cannot be written
costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from lockgate import __version__
from lockgate.config import Config

KEPT: Final = 16
"""So many reports are kept in a folder; the one that was read or written longest ago goes first."""

_CODE: Final = ("analysis", "migration", "sql", "workflow")


def folder_of(config: Config) -> Path:
    """Where the reports of a project are kept; files that belong to no project share the user's cache folder."""
    if config.file is not None or config.supabase is not None:
        return config.root / ".lockgate" / "cache" / "check"
    home = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    return base / "lockgate" / "check"


def key_of(parts: Iterable[bytes]) -> str:
    """The name of a report: the digest of all that it depends on, and of the code that makes it."""
    found = hashlib.sha256(__version__.encode())
    for part in (*_code(), *parts):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def load(folder: Path, key: str) -> str | None:
    """The document of a report, or None when there is none that can be trusted."""
    path = folder / key
    try:
        checksum, _, document = path.read_bytes().partition(b"\n")
        if checksum != _checksum(document):
            return None
        os.utime(path)
        return document.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def store(folder: Path, key: str, document: str) -> None:
    """Keep a document under its name, whole or not at all."""
    import tempfile  # for this alone, and it takes its time

    content = document.encode("utf-8", "replace")
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_checksum(content) + b"\n" + content)
            Path(name).replace(folder / key)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(folder)


def _prune(folder: Path) -> None:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in entries[KEPT:]:
        Path(entry.path).unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _code() -> Iterator[bytes]:
    """The parser and the files of the analysis: they change without the version in a working copy."""
    package = Path(__file__).parents[1]
    parser = importlib.util.find_spec("postgast")
    yield str(parser.origin if parser else None).encode()
    for name in _CODE:
        yield from sorted(_stamps(str(package / name)))


def _stamps(folder: str) -> Iterator[bytes]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _stamps(entry.path)
            else:
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}".encode()
