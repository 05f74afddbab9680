"""The file of ``lockgate stats export``: the statistics of a target as JSON, read back with every field checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from lockgate.catalog.statistics.model import FORMAT, FORMAT_VERSION, Statistics
from lockgate.errors import ConfigError, UsageError

_ADAPTER: Final = TypeAdapter(Statistics)
_EXPORT: Final = "lockgate stats export --to NAME --output FILE   writes one"


def to_text(statistics: Statistics) -> str:
    """The text of the file."""
    return json.dumps(to_json(statistics), indent=1, ensure_ascii=False) + "\n"


def to_json(statistics: Statistics) -> dict[str, Any]:
    """The document of the file: what tells the format stands first."""
    document: dict[str, Any] = _ADAPTER.dump_python(statistics, mode="json")
    kind = {"format": document.pop("format"), "format_version": document.pop("format_version")}
    return kind | document


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
        return _ADAPTER.validate_python(document, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {place}: {first['msg']}", next_steps=[_EXPORT]) from error


def _require_format(path: Path, document: object) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"{path}: not a statistics file", next_steps=[_EXPORT])
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise ConfigError(
            f"{path}: format version {version!r}; this Lockgate reads version {FORMAT_VERSION}",
            next_steps=["export it again with this version of Lockgate"],
        )
