"""Enums, domains, ranges and base types; composite types are relations."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Domain, EnumType, Plain
from lockgate.catalog.reading.builder import Builder, Class, address
from lockgate.catalog.reading.fetch import Row
from lockgate.sql.identifiers import literal

Definer = Callable[[Address, Row], str]

_STORAGE = {"p": "plain", "e": "external", "x": "extended", "m": "main"}
_ALIGNMENT = {"c": "char", "s": "int2", "i": "int4", "d": "double"}


def read_types(build: Builder) -> None:
    """Add every type that a user can make."""
    for row in build.rows["enums"]:
        _enum(build, row)
    for row in build.rows["domains"]:
        _domain(build, row)
    for row in build.rows["ranges"]:
        _plain(build, row, _range_definition)
    for row in build.rows["base_types"]:
        _plain(build, row, _base_definition)


def _enum(build: Builder, row: Row) -> None:
    item = EnumType(
        **build.common(Class.TYPE, row, address(Kind.TYPE, row), "type"),
        values=tuple(row["values"]),
        label_oids=tuple(row["label_oids"]),
    )
    build.add(item, (Class.TYPE, row["oid"], 0))


def _domain(build: Builder, row: Row) -> None:
    chosen = f"{row['name']}_not_null"
    item = Domain(
        **build.common(Class.TYPE, row, address(Kind.DOMAIN, row), "type"),
        type=row["type"],
        collation=row["collation"],
        not_null=row["not_null"],
        not_null_name=row["not_null_name"] if row["not_null_name"] != chosen else None,
        default=row["default"],
    )
    build.add(item, (Class.TYPE, row["oid"], 0))


def _plain(build: Builder, row: Row, define: Definer) -> None:
    where = address(Kind.TYPE, row)
    item = Plain(**build.common(Class.TYPE, row, where, "type"), definition=define(where, row))
    build.add(item, (Class.TYPE, row["oid"], 0))


def _range_definition(where: Address, row: Row) -> str:
    pairs = {
        "SUBTYPE": row["subtype"],
        "SUBTYPE_OPCLASS": row["subtype_opclass"],
        "COLLATION": row["collation"],
        "CANONICAL": _function(row["canonical"]),
        "SUBTYPE_DIFF": _function(row["subtype_diff"]),
        "MULTIRANGE_TYPE_NAME": row["multirange"],
    }
    clauses = ", ".join(f"{name} = {value}" for name, value in pairs.items() if value)
    return f"CREATE TYPE {where.sql} AS RANGE ({clauses})"


def _base_definition(where: Address, row: Row) -> str:
    if not row["defined"]:
        return f"CREATE TYPE {where.sql}"
    pairs = {
        name.upper(): _function(row[name])
        for name in ("input", "output", "receive", "send", "typmod_in", "typmod_out", "analyze", "subscript")
    }
    pairs |= {
        "INTERNALLENGTH": "VARIABLE" if row["length"] == -1 else str(row["length"]),
        "PASSEDBYVALUE": "true" if row["by_value"] else None,
        "ALIGNMENT": _ALIGNMENT[row["alignment"]],
        "STORAGE": _STORAGE[row["storage"]],
        "CATEGORY": literal(row["category"]),
        "PREFERRED": "true" if row["preferred"] else None,
        "DEFAULT": None if row["default"] is None else literal(row["default"]),
        "ELEMENT": row["element"],
        "DELIMITER": literal(row["delimiter"]),
        "COLLATABLE": "true" if row["collatable"] else None,
    }
    clauses = ", ".join(f"{name} = {value}" for name, value in pairs.items() if value)
    return f"CREATE TYPE {where.sql} ({clauses})"


def _function(name: str) -> str | None:
    return None if name == "-" else name
