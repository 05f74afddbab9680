"""Options in ``WITH (…)`` and ``SET (…)``, of storage, views and others alike."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state import names
from lockgate.sql.parse import Node


def read_options(items: list[Node]) -> Iterator[tuple[str, str]]:
    """The storage or view options of ``WITH (…)`` and ``SET (…)``; one without a value is ``true``."""
    for item in items:
        element = item["DefElem"]
        yield element["defname"].lower(), option_text(element.get("arg"))


def option_text(value: Node | None) -> str:
    """The value of an option as text."""
    if value is None:
        return "true"
    ((kind, inside),) = value.items()
    if kind == "Boolean":
        return "true" if inside.get("boolval") else "false"
    if kind == "TypeName":
        return names.dotted(inside["names"])[1]
    return str(inside.get("sval", inside.get("ival", inside.get("fval", 0))))
