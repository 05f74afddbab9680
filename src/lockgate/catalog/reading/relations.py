"""Tables, views, columns, constraints, indexes, sequences and what hangs on relations."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import (
    Column,
    CompositeType,
    Constraint,
    Identity,
    Index,
    Policy,
    Rule,
    Sequence,
    Table,
    Trigger,
    View,
)
from lockgate.catalog.reading.builder import ENABLED, PERSISTENCE, Builder, Class, address, options
from lockgate.catalog.reading.fetch import Row
from lockgate.sql.identifiers import MAX_BYTES, QualifiedName

# Members of an enum are looked up by a Python function; these are looked up for every column.
_RELATION, _DEFAULT, _CONSTRAINT = int(Class.RELATION), int(Class.DEFAULT), int(Class.CONSTRAINT)
_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}
_GENERATED = {"s": "stored", "v": "virtual"}
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_REPLICA_IDENTITY = {"d": "default", "n": "nothing", "f": "full", "i": "index"}
_CONSTRAINTS = {"c": "check", "f": "foreign key", "p": "primary key", "u": "unique", "x": "exclude"}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


def read_relations(build: Builder) -> None:
    """Add every relation and all its parts."""
    by_relation: dict[int, list[Row]] = defaultdict(list)
    for row in build.rows["columns"]:
        by_relation[row["relation"]].append(row)
    for row in build.rows["tables"]:
        _table(build, row, by_relation[row["oid"]])
    for row in build.rows["views"]:
        _view(build, row, by_relation[row["oid"]])
    for row in build.rows["composites"]:
        _composite(build, row, by_relation[row["oid"]])
    names = {oid: {row["position"]: row["column"] for row in rows} for oid, rows in by_relation.items()}
    for reader, query in (
        (_constraint, "constraints"),
        (_index, "indexes"),
        (_sequence, "sequences"),
        (_trigger, "triggers"),
        (_rule, "rules"),
        (_policy, "policies"),
    ):
        for row in build.rows[query]:
            reader(build, row, names)


def _known(build: Builder, row: Row) -> bool:
    """Whether the relation of a part is in the snapshot (it is not when it belongs to an extension)."""
    return (row["schema"], row["name"]) in build.relations


def _table(build: Builder, row: Row, columns: list[Row]) -> None:
    where = address(Kind.FOREIGN_TABLE if row["relkind"] == "f" else Kind.TABLE, row)
    parents = zip(row["parent_schemas"] or (), row["parent_names"] or (), strict=True)
    table = Table(
        **build.common(Class.RELATION, row, where, "table"),
        columns=_columns(build, where, row["oid"], columns),
        type_oid=row["type_oid"],
        persistence=PERSISTENCE[row["persistence"]],
        partition_key=row["partition_key"],
        partition_bound=row["partition_bound"],
        inherits=tuple(QualifiedName(schema, name) for schema, name in parents),
        of_type=row["of_type"],
        access_method=row["access_method"],
        tablespace=row["tablespace"],
        options=tuple(sorted(options(row["options"]) + options(row["toast_options"], "toast."))),
        # Foreign tables bear "nothing", which cannot be said of them.
        replica_identity="default" if row["server"] else _REPLICA_IDENTITY[row["replica_identity"]],
        replica_index=row["replica_index"] if row["replica_identity"] == "i" else None,
        row_security=row["row_security"],
        force_row_security=row["force_row_security"],
        server=row["server"],
        fdw_options=options(row["fdw_options"]),
        rows=row["rows"],
        bytes=row["bytes"],
    )
    build.relations.add((row["schema"], row["name"]))
    build.add(table, (Class.RELATION, row["oid"], 0), (Class.TYPE, row["type_oid"], 0))


def _view(build: Builder, row: Row, columns: list[Row]) -> None:
    where = address(Kind.VIEW if row["relkind"] == "v" else Kind.MATERIALIZED_VIEW, row)
    view = View(
        **build.common(Class.RELATION, row, where, "table"),
        columns=_columns(build, where, row["oid"], columns),
        type_oid=row["type_oid"],
        definition=row["definition"],
        options=options(row["options"]),
        access_method=row["access_method"],
        tablespace=row["tablespace"],
        populated=row["populated"],
        rows=row["rows"],
        bytes=row["bytes"],
    )
    build.relations.add((row["schema"], row["name"]))
    build.add(view, (Class.RELATION, row["oid"], 0), (Class.TYPE, row["type_oid"], 0))


def _composite(build: Builder, row: Row, columns: list[Row]) -> None:
    where = address(Kind.TYPE, row)
    item = CompositeType(
        **build.common(Class.TYPE, row | {"oid": row["type_oid"]}, where, "type"),
        columns=_columns(build, where, row["oid"], columns),
        type_oid=row["type_oid"],
    )
    build.add(item, (Class.RELATION, row["oid"], 0), (Class.TYPE, row["type_oid"], 0))


def _columns(build: Builder, relation: Address, oid: int, rows: list[Row]) -> tuple[Column, ...]:
    return tuple(_column(build, relation, oid, row) for row in rows)


def _column(build: Builder, relation: Address, oid: int, row: Row) -> Column:
    where = Address(Kind.COLUMN, relation.schema, relation.name, row["column"])
    generated = _GENERATED.get(row["generated"])
    build.know(where, (_RELATION, oid, row["position"]))
    if row["default_oid"]:
        # A generated column's expression is the column; a default can go and come without it.
        default = where if generated else Address(Kind.DEFAULT, where.schema, where.name, where.part)
        build.know(default, (_DEFAULT, row["default_oid"], 0))
    return Column(
        address=where,
        oid=oid,
        column=row["column"],
        position=row["position"],
        type=row["type"],
        type_oid=row["type_oid"],
        collation=row["collation"],
        not_null=row["not_null"],
        default=row["default"],
        identity=_IDENTITY.get(row["identity"]),
        generated=generated,
        storage=_STORAGE.get(row["storage"]),
        compression=_COMPRESSION.get(row["compression"]),
        statistics=row["statistics"],
        local=row["local"],
        inherited=row["inherited"],
        **_rarer(build, where, oid, row),
    )


def _rarer(build: Builder, where: Address, oid: int, row: Row) -> dict[str, Any]:
    """What few columns have; most schemas have ten times as many columns as anything else."""
    found: dict[str, Any] = build.remarks((_RELATION, oid, row["position"]))
    if row["acl"] is not None:
        found["grants"] = build.grants(row | {"owner": None}, where, "column")
    if row["options"] is not None or row["fdw_options"] is not None:
        found |= {"options": options(row["options"]), "fdw_options": options(row["fdw_options"])}
    if row["not_null_oid"]:
        build.know(where, (_CONSTRAINT, row["not_null_oid"], 0))
        comment = build.comment(Class.CONSTRAINT, row["not_null_oid"])
        found |= {
            "not_null_name": _own_name(row, where.name, comment),
            "not_null_valid": row["not_null_valid"],
            "not_null_no_inherit": row["not_null_no_inherit"],
            "not_null_comment": comment,
        }
    return found


def _own_name(row: Row, relation: str, comment: str | None) -> str | None:
    name = row["not_null_name"]
    if name is None or (comment is None and name == chosen_name(relation, row["column"], "not_null")):
        return None
    return str(name)


def chosen_name(relation: str, column: str, label: str) -> str:
    """The name that the server gives a constraint or sequence without one (``makeObjectName``), if it is free."""
    first, second = relation.encode(), column.encode()
    room = MAX_BYTES - len(label) - 2
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    cut = (part.decode("utf-8", "ignore") for part in (first, second))
    return "_".join((*cut, label))


def _constraint(build: Builder, row: Row, names: dict[int, dict[int, str]]) -> None:
    if row["on_domain"]:
        where = address(Kind.DOMAIN_CONSTRAINT, row, row["part"])
    elif _known(build, row):
        where = address(Kind.CONSTRAINT, row, row["part"])
    else:
        return
    own, foreign = names.get(row["relation"], {}), names.get(row["foreign_relation"], {})
    constraint = Constraint(
        **build.common(Class.CONSTRAINT, row, where),
        type=_CONSTRAINTS[row["type"]],
        definition=row["definition"],
        validated=row["validated"],
        deferrable=row["deferrable"],
        deferred=row["deferred"],
        enforced=row["enforced"],
        no_inherit=row["no_inherit"] and row["type"] == "c",
        inherited=row["inherited"],
        columns=_names(own, row["columns"]),
        references=_qualified(row, "foreign"),
        referenced_columns=_names(foreign, row["foreign_columns"]),
        on_update=_ACTIONS.get(row["on_update"]) if row["type"] == "f" else None,
        on_delete=_ACTIONS.get(row["on_delete"]) if row["type"] == "f" else None,
        # That of a foreign key is the index of the table it refers to.
        index=_qualified(row, "index") if row["type"] != "f" else None,
    )
    build.add(constraint, (Class.CONSTRAINT, row["oid"], 0))


def _names(columns: dict[int, str], numbers: list[int] | None) -> tuple[str, ...]:
    return tuple(columns[number] for number in numbers or () if number in columns)


def _qualified(row: Row, prefix: str) -> QualifiedName | None:
    name = row[f"{prefix}_name"]
    return QualifiedName(row[f"{prefix}_schema"], name) if name else None


def _index(build: Builder, row: Row, names: dict[int, dict[int, str]]) -> None:
    if (row["table_schema"], row["table_name"]) not in build.relations:
        return
    columns, count = names.get(row["relation"], {}), row["key_count"]
    index = Index(
        **build.common(Class.RELATION, row, address(Kind.INDEX, row)),
        table=QualifiedName(row["table_schema"], row["table_name"]),
        definition=row["definition"],
        method=row["method"],
        unique=row["unique"],
        primary=row["primary"],
        valid=row["valid"],
        ready=row["ready"],
        clustered=row["clustered"],
        replica_identity=row["replica_identity"],
        nulls_not_distinct=row["nulls_not_distinct"],
        columns=_names(columns, row["keys"][:count]),
        included=_names(columns, row["keys"][count:]),
        has_expressions=0 in row["keys"],
        predicate=row["predicate"],
        options=options(row["options"]),
        tablespace=row["tablespace"],
        statistics=tuple((number, target) for number, target in row["statistics"] or ()),
        constraint=row["constraint"],
        parent=_qualified(row, "parent"),
        bytes=row["bytes"],
    )
    build.add(index, (Class.RELATION, row["oid"], 0))


def _sequence(build: Builder, row: Row, names: dict[int, dict[int, str]]) -> None:
    owned = (row["table_schema"], row["table_name"], row["column_name"]) if row["column_name"] else None
    sequence = Sequence(
        **build.common(Class.RELATION, row, address(Kind.SEQUENCE, row), "sequence"),
        numbers=Identity(**{name: row[name] for name in Identity.__slots__}),
        owned_by=owned,
        internal=row["ownership"] == "i",
        persistence=PERSISTENCE[row["persistence"]],
    )
    build.add(sequence, (Class.RELATION, row["oid"], 0))


def _trigger(build: Builder, row: Row, names: Any) -> None:
    if not (row["guest"] or _known(build, row)):
        return
    trigger = Trigger(
        **build.common(Class.TRIGGER, row, address(Kind.TRIGGER, row, row["part"])),
        definition=row["definition"],
        function=QualifiedName(row["function_schema"], row["function_name"]),
        enabled=ENABLED[row["enabled"]],
        inherited=row["inherited"],
    )
    build.add(trigger, (Class.TRIGGER, row["oid"], 0))


def _rule(build: Builder, row: Row, names: Any) -> None:
    if not _known(build, row):
        return
    rule = Rule(
        **build.common(Class.REWRITE, row, address(Kind.RULE, row, row["part"])),
        definition=row["definition"],
        enabled=ENABLED[row["enabled"]],
    )
    build.add(rule, (Class.REWRITE, row["oid"], 0))


def _policy(build: Builder, row: Row, names: Any) -> None:
    if not (row["guest"] or _known(build, row)):
        return
    policy = Policy(
        **build.common(Class.POLICY, row, address(Kind.POLICY, row, row["part"])),
        command=_COMMANDS[row["command"]],
        permissive=row["permissive"],
        roles=tuple(row["roles"]),
        using=row["using"],
        check=row["check"],
    )
    build.add(policy, (Class.POLICY, row["oid"], 0))
