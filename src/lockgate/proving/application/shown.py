"""What may be shown of a query that was seen somewhere: its words, without a single value."""

from __future__ import annotations

from typing import Any, Final

from lockgate.errors import LockgateError
from lockgate.sql.parse import deparse, parse_one

WIDTH: Final = 80


def without_values(sql: str) -> str:
    """The statement on one line with ``?`` for every constant; raises SqlSyntaxError."""
    return " ".join(deparse(_bare(parse_one(sql).node)).split())


def shortened(text: str) -> str:
    """The beginning of a line."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def name_of(sql: str) -> str:
    """A name for a query that has none."""
    try:
        return without_values(sql)
    except LockgateError:
        return sql.split(maxsplit=1)[0].lower() if sql.strip() else ""


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "A_Const" in node:
        return {"ParamRef": {}}
    return {key: _bare(value) for key, value in node.items()}
