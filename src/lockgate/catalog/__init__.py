"""A database's schema as frozen values: read it, fingerprint it, compare it, and write the SQL between two."""

from lockgate.catalog.address import Address, Grant, Kind
from lockgate.catalog.reading.read import read
from lockgate.catalog.scope import Scope
from lockgate.catalog.snapshot import Snapshot

__all__ = ["Address", "Grant", "Kind", "Scope", "Snapshot", "read"]
