"""Names and types as the parser writes them, read into what the catalog speaks of."""

from __future__ import annotations

from lockgate.analysis.view import TypeRef
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node

PG_CATALOG = "pg_catalog"

_BUILT_IN = """
    aclitem bit bool box bpchar bytea char cid cidr circle date daterange datemultirange float4 float8 gtsvector
    inet int2 int2vector int4 int4range int4multirange int8 int8range int8multirange interval json jsonb jsonpath
    line lseg macaddr macaddr8 money name numeric numrange nummultirange oid oidvector path pg_lsn pg_snapshot
    point polygon regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar void trigger event_trigger record
    anyelement anyarray anynonarray anyenum anyrange anycompatible internal cstring xid xid8 xml refcursor unknown
"""
BUILT_IN_TYPES = frozenset(_BUILT_IN.split())

SERIAL_TYPES = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}

_SPELLED = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "varbit": "bit varying",
    "timetz": "time with time zone",
    "char": '"char"',
}


def range_var(node: Node) -> tuple[str, str]:
    """(schema or "", name) of a ``RangeVar``."""
    return node.get("schemaname", ""), node.get("relname", "")


def text(node: Node) -> str:
    """The text of a ``String`` node."""
    value: str = node["String"].get("sval", "")
    return value


def dotted(items: list[Node]) -> tuple[str, str]:
    """(schema or "", name) of a list of ``String`` nodes; a database in front of them is dropped."""
    parts = [part for item in items for part in _parts(item)]
    return (parts[-2] if len(parts) > 1 else ""), parts[-1]


def _parts(item: Node) -> list[str]:
    """A name may stand as a type among strings (``CONSTRAINT c ON DOMAIN d``)."""
    return [text(name) for name in item["TypeName"]["names"]] if "TypeName" in item else [text(item)]


def object_name(node: Node) -> tuple[str, str]:
    """(schema or "", name) of an entry of DROP, COMMENT or GRANT, however the grammar wraps it."""
    if "List" in node:
        return dotted(node["List"]["items"])
    if "TypeName" in node:
        return dotted(node["TypeName"]["names"])
    if "ObjectWithArgs" in node:
        return dotted(node["ObjectWithArgs"]["objname"])
    if "RangeVar" in node:
        return range_var(node["RangeVar"])
    return "", text(node) if "String" in node else ""


def table_and_object(node: Node) -> tuple[str, str, str]:
    """(schema or "", table, object) of ``trigger ON table`` and its like."""
    parts = [text(item) for item in node["List"]["items"]]
    return (parts[-3] if len(parts) > 2 else ""), parts[-2], parts[-1]


def type_modifiers(node: Node) -> tuple[int, ...]:
    """The numbers in the brackets of a type."""
    consts = [mod["A_Const"] for mod in node.get("typmods", ()) if "A_Const" in mod]
    return tuple(const["ival"].get("ival", 0) for const in consts if "ival" in const)


def is_serial(node: Node) -> bool:
    """Whether a ``TypeName`` is one of the serial pseudo-types."""
    names = node.get("names", ())
    return len(names) == 1 and text(names[0]) in SERIAL_TYPES


def type_ref(node: Node) -> TypeRef:
    """A ``TypeName`` as written: a built-in name gets its schema, another one keeps what the SQL says."""
    schema, name = dotted(node["names"]) if node.get("names") else (PG_CATALOG, "unknown")
    if not schema and name in SERIAL_TYPES:
        schema, name = PG_CATALOG, SERIAL_TYPES[name]
    if not schema and name in BUILT_IN_TYPES:
        schema = PG_CATALOG
    return TypeRef(QualifiedName(schema, name), type_modifiers(node), bool(node.get("arrayBounds")))


def type_sql(ref: TypeRef) -> str:
    """A type as a person writes it: ``character varying(20)``, ``bigint[]``, ``public.mood``."""
    name = _spelled(ref.name)
    brackets = (
        f"({', '.join(map(str, ref.modifiers))})" if ref.modifiers and ref.name.name != "interval" else ""
    )
    return f"{name}{brackets}{'[]' if ref.array else ''}"


def _spelled(name: QualifiedName) -> str:
    if name.schema == PG_CATALOG:
        return _SPELLED.get(name.name, name.name)
    return name.sql if name.schema else quote(name.name)


def generated_name(first: str, second: str, label: str) -> str:
    """The name that the server gives to an unnamed object (``makeObjectName`` in its ``indexcmds.c``)."""
    overhead = bool(second) + (len(label.encode()) + 1 if label else 0)
    room = 63 - overhead
    left, right = first.encode(), second.encode()
    while len(left) + len(right) > room:
        if len(left) > len(right):
            left = left[:-1]
        else:
            right = right[:-1]
    parts = (left.decode("utf-8", "ignore"), right.decode("utf-8", "ignore"), label)
    return "_".join(part for part in parts if part)
