"""A database's schema as frozen values: read it, fingerprint it, compare it, and write the SQL between two.

What is named here is imported when it is first asked for: whoever needs one of it does not pay for all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockgate.catalog.address import Address, Grant, Kind
    from lockgate.catalog.compare import diff
    from lockgate.catalog.differences import Change, Difference, Differences
    from lockgate.catalog.reading.read import read
    from lockgate.catalog.scope import Scope
    from lockgate.catalog.script.write import as_sql, obstacles
    from lockgate.catalog.snapshot import Snapshot

__all__ = [
    "Address",
    "Change",
    "Difference",
    "Differences",
    "Grant",
    "Kind",
    "Scope",
    "Snapshot",
    "as_sql",
    "diff",
    "obstacles",
    "read",
]

_HOMES = {
    "address": ("Address", "Grant", "Kind"),
    "compare": ("diff",),
    "differences": ("Change", "Difference", "Differences"),
    "reading.read": ("read",),
    "scope": ("Scope",),
    "script.write": ("as_sql", "obstacles"),
    "snapshot": ("Snapshot",),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """One of the names above, from the module where it is at home."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
