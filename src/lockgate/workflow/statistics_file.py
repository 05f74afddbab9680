"""The file of ``lockgate stats export``: the statistics of a target as JSON, read back with every field checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from lockgate.catalog.statistics.document import MalformedError, from_document, to_document
from lockgate.catalog.statistics.model import FORMAT, FORMAT_VERSION, Statistics
from lockgate.errors import ConfigError, UsageError

_EXPORT: Final = "lockgate stats export --to NAME --output FILE   writes one"


def to_text(statistics: Statistics) -> str:
    """The text of the file."""
    return json.dumps(to_document(statistics), indent=1, ensure_ascii=False) + "\n"


def read_file(path: Path) -> Statistics:
    """The statistics of a file; raises UsageError where there is none, ConfigError where it is not one."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file", next_steps=[_EXPORT]) from None
    except ValueError as error:
        raise ConfigError(f"{path}: not a statistics file: {error}", next_steps=[_EXPORT]) from error
    _require_format(path, document)
    try:
        return from_document(document)
    except MalformedError as error:
        raise ConfigError(f"{path}: {error}", next_steps=[_EXPORT]) from error


def _require_format(path: Path, document: object) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"{path}: not a statistics file", next_steps=[_EXPORT])
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise ConfigError(
            f"{path}: format version {version!r}; this Lockgate reads version {FORMAT_VERSION}",
            next_steps=["export it again with this version of Lockgate"],
        )
