"""What all readers share: names for oids, and the comments, labels, grants and extensions that hang on them."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import Any

from lockgate.catalog.address import Address, Grant, Kind, Label
from lockgate.catalog.model import CatalogObject, Options
from lockgate.catalog.reading.fetch import Row, Rows
from lockgate.catalog.reading.privileges import read_grants

Id = tuple[int, int, int]
"""Class, oid and column number, as in ``pg_depend``."""


class Class(enum.IntEnum):
    """The oids of system catalogs; the same in every PostgreSQL."""

    TYPE = 1247
    ROUTINE = 1255
    RELATION = 1259
    DEFAULT_ACL = 826
    SERVER = 1417
    USER_MAPPING = 1418
    WRAPPER = 2328
    ACCESS_METHOD = 2601
    DEFAULT = 2604
    CAST = 2605
    CONSTRAINT = 2606
    CONVERSION = 2607
    LANGUAGE = 2612
    SCHEMA = 2615
    OPERATOR_CLASS = 2616
    OPERATOR = 2617
    REWRITE = 2618
    TRIGGER = 2620
    OPERATOR_FAMILY = 2753
    EXTENSION = 3079
    POLICY = 3256
    STATISTICS = 3381
    COLLATION = 3456
    EVENT_TRIGGER = 3466
    TRANSFORM = 3576
    TS_DICTIONARY = 3600
    TS_PARSER = 3601
    TS_CONFIGURATION = 3602
    TS_TEMPLATE = 3764
    PUBLICATION = 6104
    PUBLISHED_TABLE = 6106


ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}


class Builder:
    """Collects the objects of one snapshot while its rows are read."""

    def __init__(self, context: Row, rows: Rows) -> None:
        self.context = context
        self.rows = rows
        self.major: int = context["major"]
        self.roles = frozenset(row["name"] for row in rows["roles"])
        self.objects: dict[Address, CatalogObject] = {}
        self.addresses: dict[Id, Address] = {}
        self.notes: list[str] = []
        self.relations: set[tuple[str, str]] = set()
        self._comments = {
            (row["classoid"], row["objoid"], row["objsubid"]): row["description"] for row in rows["comments"]
        }
        self._labels: dict[Id, list[Label]] = defaultdict(list)
        for row in rows["labels"]:
            key = (row["classoid"], row["objoid"], row["objsubid"])
            self._labels[key].append(Label(row["provider"], row["label"]))
        self.members = {(row["classid"], row["objid"]): row["extension"] for row in rows["members"]}

    def add(self, item: CatalogObject, *ids: Id) -> None:
        """Keep an object and remember under which oids others refer to it."""
        self.objects[item.address] = item
        self.know(item.address, *ids)

    def know(self, address: Address, *ids: Id) -> None:
        """Remember an address for oids."""
        for key in ids:
            self.addresses[key] = address

    def common(self, cls: Class, row: Row, address: Address, sort: str | None = None) -> dict[str, Any]:
        """The fields that every object has; ``sort`` is the sort of its access list, None when it has none."""
        key = (int(cls), row["oid"], 0)
        found = self.remarks(key)
        found["address"], found["oid"] = address, row["oid"]
        if "owner" in row:
            found["owner"] = row["owner"]
        if sort is not None and row["acl"] is not None:
            found["grants"] = self.grants(row, address, sort)
        if (extension := self.members.get(key[:2])) is not None:
            found["extension"] = extension
        return found

    def remarks(self, key: Id) -> dict[str, Any]:
        """Comment and labels, where there are any."""
        found: dict[str, Any] = {}
        if (comment := self._comments.get(key)) is not None:
            found["comment"] = comment
        if key in self._labels:
            found["labels"] = tuple(self._labels[key])
        return found

    def grants(self, row: Row, address: Address, sort: str) -> tuple[Grant, ...] | None:
        """The grants of an access list; what cannot be represented is noted."""
        grants, lost = read_grants(row["acl"], sort, row.get("owner"), self.major, self.roles)
        self.notes += [f"{address}: a grant to a role that no longer exists: {item}" for item in lost]
        return grants

    def comment(self, cls: Class, oid: int | None) -> str | None:
        """The comment on an object that is no object of ours (the constraint behind NOT NULL)."""
        return self._comments.get((int(cls), oid, 0)) if oid else None


def address(kind: Kind, row: Row, part: str = "") -> Address:
    """The address of a row that has ``schema`` and ``name``; the schema may be missing."""
    return Address(kind, row.get("schema") or "", row["name"], part)


def options(items: list[str] | None, prefix: str = "") -> Options:
    """``name=value`` items as sorted pairs."""
    if items is None:
        return ()
    pairs = (item.partition("=") for item in items)
    return tuple(sorted((prefix + name, value) for name, _, value in pairs))
