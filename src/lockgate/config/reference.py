"""The settings as a table of the documentation, made from the sections themselves."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockgate.config.sections import SECTIONS, Environment
from lockgate.config.sections.check import Override
from lockgate.config.settings import Between, positive_seconds, seconds, size


def reference() -> str:
    """Every section with its keys, in Markdown."""
    parts = [_section(f"[{name}]", cls) for name, cls in SECTIONS.items()]
    repeated = {"[[check.overrides]]": Override, "[environments.NAME]": Environment}
    return "\n".join([*parts, *(_section(title, cls) for title, cls in repeated.items())])


def _section(title: str, cls: Any) -> str:
    sentence = (cls.__doc__ or "").strip().splitlines()[0]
    rows = "\n".join(_rows(cls))
    return f"### `{title}`\n\n{sentence}\n\n| key | value | default | meaning |\n|---|---|---|---|\n{rows}\n"


def _rows(cls: Any) -> Iterator[str]:
    hints = typing.get_type_hints(cls, include_extras=True)
    for item in dataclasses.fields(cls):
        kind, *extras = typing.get_args(hints[item.name])
        doc = next(extra for extra in extras if isinstance(extra, str))
        check = next((extra for extra in extras if callable(extra)), None)
        default = None if item.default is dataclasses.MISSING else item.default
        yield f"| `{item.name}` | {_value(kind, check)} | {_default(default, check)} | {doc} |"


def _value(kind: Any, check: Any) -> str:
    if check in (seconds, positive_seconds):
        return "duration"
    if check is size:
        return "size"
    if isinstance(check, Between):
        return f"{check.low:g} to {check.high:g}"
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kind = next(part for part in typing.get_args(kind) if part is not types.NoneType)
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        return "tables" if dataclasses.is_dataclass(typing.get_args(kind)[0]) else "list"
    if typing.get_origin(kind) is Mapping:
        return "tables" if typing.get_origin(typing.get_args(kind)[1]) is Mapping else "table"
    return {bool: "`true`, `false`", str: "text", Path: "path"}[kind]


def _default(value: Any, check: Any) -> str:
    if value is None or value == ():
        return ""
    if check in (seconds, positive_seconds):
        return f"`{value * 1000:g}ms`" if value < 1 else f"`{value:g}s`"
    if check is size:
        return f"`{value / 2**20:g}MB`"
    return f"`{value}`"
