"""A database's schema as frozen values: read it, fingerprint it, compare it, and write the SQL between two."""

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
