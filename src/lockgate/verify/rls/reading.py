"""Reads relations, policies, functions and privileges of a database for the probes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import psycopg

from lockgate.errors import UsageError
from lockgate.sql import queries
from lockgate.sql.identifiers import QualifiedName
from lockgate.verify.rls.model import (
    Column,
    ForeignKey,
    Function,
    Grant,
    Policy,
    Relation,
    Schema,
    Trigger,
)

Connection = psycopg.Connection[Any]

_PACKAGE: Final = "lockgate.verify.rls"

PLATFORM_SCHEMAS: Final = frozenset(
    (
        *(
            "auth",
            "storage",
            "realtime",
            "vault",
            "extensions",
            "graphql",
            "graphql_public",
            "net",
            "cron",
            "pgmq",
        ),
        *("pgbouncer", "pgsodium", "pgtle", "lockgate", "supabase_migrations", "supabase_functions", "etl"),
        *("_realtime", "_analytics", "_supavisor"),
    )
)
"""Schemas of the platform: only their tables with policies are probed, only where a client reaches them."""

_CLIENT_REACHES: Final = frozenset({"storage", "realtime"})


def read_schema(connection: Connection, roles: Collection[str]) -> Schema:
    """Everything the probes need; expressions come back qualified. The connection is in a transaction."""
    connection.execute("SET LOCAL search_path = ''")
    rows = connection.execute(queries.read(_PACKAGE, "relations")).fetchall()
    relations = {found.name: found for found in map(_relation, rows)}
    known = _existing(connection, roles)
    granted = connection.execute(
        queries.read(_PACKAGE, "privileges"),
        {"relations": [relation.oid for relation in relations.values()], "roles": list(known)},
    ).fetchall()
    functions = connection.execute(queries.read(_PACKAGE, "functions"), {"roles": list(known)}).fetchall()
    return Schema(
        relations,
        tuple(map(_function, functions)),
        {(oid, role): _grant(*rest) for oid, role, *rest in granted},
        frozenset(known),
    )


def probed(schema: Schema, *, only: Collection[str] = ()) -> list[Relation]:
    """The relations worth a line: those of ordinary schemas, and platform tables that have policies of the project.

    ``only`` names some of them; raises UsageError for a name that none of them has.
    """
    found = [
        relation
        for relation in schema.relations.values()
        if relation.kind in ("r", "p", "v", "m")
        and (not relation.is_partition or relation.policies)
        and _is_reached(relation)
    ]
    return _named(found, only) if only else found


def _named(relations: list[Relation], only: Collection[str]) -> list[Relation]:
    known = {name for relation in relations for name in (str(relation.name), relation.name.name)}
    missing = sorted(set(only) - known)
    if missing:
        raise UsageError(
            f"there is no table or view {', '.join(missing)} to try",
            why="tried are: " + ", ".join(sorted(str(relation.name) for relation in relations)),
        )
    return [relation for relation in relations if {str(relation.name), relation.name.name} & set(only)]


def _is_reached(relation: Relation) -> bool:
    if relation.name.schema in _CLIENT_REACHES:
        return bool(relation.policies)
    return relation.name.schema not in PLATFORM_SCHEMAS


def _existing(connection: Connection, roles: Collection[str]) -> list[str]:
    query = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (%s)"
    return [name for (name,) in connection.execute(query, (list(roles),)).fetchall()]


def policy_roles(connection: Connection) -> frozenset[str]:
    """The roles that policies name."""
    query = (
        "SELECT DISTINCT r.rolname FROM pg_catalog.pg_policy AS p, pg_catalog.pg_roles AS r"
        " WHERE r.oid = ANY (p.polroles)"
    )
    return frozenset(name for (name,) in connection.execute(query).fetchall())


def _relation(row: Sequence[Any]) -> Relation:
    oid, schema, name, kind, rls, forced, owner, bypasses, invoker, comment, partition = row[:11]
    columns, key, foreign_keys, policies, triggers, estimate, reads, indexed = row[11:]
    return Relation(
        oid=oid,
        name=QualifiedName(schema, name),
        kind=kind,
        rls=rls,
        forced=forced,
        owner=owner,
        owner_bypasses=bypasses,
        invoker=invoker,
        comment=comment,
        is_partition=partition,
        columns=tuple(Column(*column) for column in columns),
        key=tuple(key),
        foreign_keys=tuple(
            ForeignKey(tuple(here), QualifiedName(*there), tuple(columns))
            for here, *there, columns in foreign_keys
        ),
        policies=tuple(_policy(policy) for policy in policies),
        triggers=tuple(Trigger(*trigger) for trigger in triggers),
        estimate=estimate,
        reads=tuple(QualifiedName(*read) for read in reads),
        indexed=frozenset(indexed),
    )


def _policy(row: Sequence[Any]) -> Policy:
    name, command, permissive, roles, using, check, comment = row
    return Policy(name, command, permissive, tuple(roles or ()), using, check, comment)


def _grant(usage: bool, select: bool, delete: bool, columns: list[list[Any]] | None) -> Grant:
    listed = None if columns is None else tuple(tuple(column) for column in columns)
    return Grant(usage, select, delete, listed)


def _function(row: Sequence[Any]) -> Function:
    oid, schema, name, signature, definer, volatility, is_set, kind, returned = row[:9]
    language, body, arguments, defaults, callers, comment, path = row[9:]
    return Function(
        oid,
        QualifiedName(schema, name),
        signature,
        definer,
        volatility,
        is_set,
        kind,
        returned,
        language,
        body or "",
        tuple((argument, type_) for argument, type_ in arguments),
        defaults,
        frozenset(callers),
        comment,
        tuple(part.strip().strip('"') for part in path.split(",") if part.strip()),
    )
