"""Whether a statement can run a second time."""

from __future__ import annotations

import re

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.sql.parse import Node


def was_dropped_before(context: Context, kind: str, name: str) -> bool:
    """Whether an earlier statement of the file drops an object of that kind (``OBJECT_VIEW``) and name."""
    earlier = context.source.script.statements[: context.statement.index]
    drops = (s.tree for s in earlier if s.kind == "DropStmt" and s.tree.get("removeType") == kind)
    return any(name == _last(item) for tree in drops for item in tree.get("objects", ()))


def _last(item: Node) -> str:
    if "List" in item:
        return names.text(item["List"]["items"][-1])
    return names.object_name(item)[1]


def insert_words(sql: str, after: str, words: str) -> str:
    """A statement with some words put behind others, as it is written; empty when it cannot be told."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in after.split()) + r"(?=\s)", re.IGNORECASE)
    match = pattern.search(sql)
    if match is None or "--" in sql[: match.end()] or "/*" in sql[: match.end()]:
        return ""
    return f"{sql[: match.end()]} {words}{sql[match.end() :]};"
