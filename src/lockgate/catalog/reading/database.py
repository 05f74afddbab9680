"""What lies in no schema: schemas themselves, extensions, publications, event triggers, privileges, roles."""

from __future__ import annotations

from collections import defaultdict

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import (
    DefaultPrivileges,
    EventTrigger,
    Extension,
    Publication,
    PublishedTable,
    Role,
    Schema,
    Setting,
)
from lockgate.catalog.reading.builder import ENABLED, Builder, Class, address
from lockgate.catalog.reading.fetch import Row
from lockgate.catalog.reading.privileges import _parse
from lockgate.sql.identifiers import QualifiedName, literal, quote

_OBJECTS = {
    "r": "TABLES",
    "S": "SEQUENCES",
    "f": "FUNCTIONS",
    "T": "TYPES",
    "n": "SCHEMAS",
    "L": "LARGE OBJECTS",
}
_GENERATED = {"s": "stored"}


def read_database(build: Builder) -> None:
    """Add what belongs to the database as a whole."""
    for row in build.rows["schemas"]:
        where = address(Kind.SCHEMA, {"name": row["name"]})
        build.add(Schema(**build.common(Class.SCHEMA, row, where, "schema")), (Class.SCHEMA, row["oid"], 0))
    for row in build.rows["extensions"]:
        _extension(build, row)
    for row in build.rows["event_triggers"]:
        _event_trigger(build, row)
    for row in build.rows["default_privileges"]:
        _default_privileges(build, row)
    _publications(build)
    if "memberships" in build.rows:
        _roles(build)
        _settings(build)


def _extension(build: Builder, row: Row) -> None:
    where = Address(Kind.EXTENSION, "", row["name"])
    common = build.common(Class.EXTENSION, row, where)
    build.add(
        Extension(**common, schema=row["schema"], version=row["version"]), (Class.EXTENSION, row["oid"], 0)
    )


def _event_trigger(build: Builder, row: Row) -> None:
    where = Address(Kind.EVENT_TRIGGER, "", row["name"])
    tags = ", ".join(literal(tag) for tag in row["tags"] or ())
    condition = f" WHEN TAG IN ({tags})" if tags else ""
    item = EventTrigger(
        **build.common(Class.EVENT_TRIGGER, row, where),
        definition=(
            f"CREATE EVENT TRIGGER {quote(row['name'])} ON {row['event']}{condition} "
            f"EXECUTE FUNCTION {row['function']}()"
        ),
        enabled=ENABLED[row["enabled"]],
    )
    build.add(item, (Class.EVENT_TRIGGER, row["oid"], 0))


def _default_privileges(build: Builder, row: Row) -> None:
    where = Address(Kind.DEFAULT_PRIVILEGES, row["schema"] or "", row["role"], _OBJECTS[row["objtype"]])
    grants = sorted(grant for item in row["acl"] for grant in _parse(item))
    build.add(
        DefaultPrivileges(address=where, oid=row["oid"], grants=tuple(grants)),
        (Class.DEFAULT_ACL, row["oid"], 0),
    )


def _publications(build: Builder) -> None:
    tables: dict[int, list[PublishedTable]] = defaultdict(list)
    for row in build.rows["published_tables"]:
        columns = tuple(sorted(row["columns"])) if row["columns"] is not None else None
        table = QualifiedName(row["schema"], row["name"])
        tables[row["publication"]].append(PublishedTable(table, columns, row["where"]))
    for row in build.rows["publications"]:
        where = Address(Kind.PUBLICATION, "", row["name"])
        operations = ("insert", "update", "delete", "truncate")
        item = Publication(
            **build.common(Class.PUBLICATION, row, where),
            all_tables=row["all_tables"],
            operations=tuple(name for name in operations if row[f"pub{name}"]),
            via_root=row["via_root"],
            generated_columns=_GENERATED.get(row["generated_columns"]),
            tables=tuple(sorted(tables[row["oid"]], key=lambda entry: entry.table)),
            schemas=tuple(row["schemas"]),
        )
        build.add(item, (Class.PUBLICATION, row["oid"], 0))
    for row in build.rows["published_tables"]:
        if where_known := build.addresses.get((Class.PUBLICATION, row["publication"], 0)):
            build.know(where_known, (Class.PUBLISHED_TABLE, row["oid"], 0))


_ATTRIBUTES = (
    ("rolsuper", "SUPERUSER"),
    ("rolinherit", "INHERIT"),
    ("rolcreaterole", "CREATEROLE"),
    ("rolcreatedb", "CREATEDB"),
    ("rolcanlogin", "LOGIN"),
    ("rolreplication", "REPLICATION"),
    ("rolbypassrls", "BYPASSRLS"),
)


def _roles(build: Builder) -> None:
    memberships: dict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for row in build.rows["memberships"]:
        flags = tuple(f"{name.upper()} {str(row[name]).upper()}" for name in ("admin", "inherit", "set"))
        memberships[row["member"]].append((row["role"], flags))
    for row in build.rows["roles"]:
        role = Role(
            address=Address(Kind.ROLE, "", row["name"]),
            oid=row["oid"],
            attributes=tuple(word if row[flag] else f"NO{word}" for flag, word in _ATTRIBUTES),
            connection_limit=row["connection_limit"],
            valid_until=row["valid_until"],
            member_of=tuple(sorted(set(memberships[row["oid"]]))),
        )
        build.add(role)


def _settings(build: Builder) -> None:
    for row in build.rows["settings"]:
        sort = (
            "database" if row["role"] is None else "role" if row["database"] is None else "role in database"
        )
        where = Address(Kind.SETTING, "", row["role"] or "", sort)
        build.add(Setting(address=where, values=tuple(sorted(row["values"]))))
