"""A project's seed, statement by statement, each as soon as the schema on the way up accepts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from lockgate.migration.source import read_source
from lockgate.proving.rows.judge import attempt
from lockgate.sql.parse import Statement, parse, walk
from lockgate.sql.queries import read as read_query

_WRITING: Final = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "SelectStmt"})
_LIMIT: Final = 64 << 20

Signature = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(slots=True)
class Seed:
    """One statement of a seed: the tables it names, whether it is in, and on which schema it was tried last."""

    statement: Statement
    tables: frozenset[tuple[str, str]]
    planted: bool = False
    tried_on: Signature | None = None


@dataclass(slots=True)
class Seeds:
    """The statements of all seed files, in order."""

    statements: tuple[Statement, ...] = ()
    _seeds: list[Seed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.statements)

    @property
    def planted(self) -> int:
        """How many statements are in."""
        return sum(seed.planted for seed in self._seeds)

    def forget(self) -> None:
        """Begin anew: the database that they were planted in is gone."""
        self._seeds = [Seed(statement, _tables(statement)) for statement in self.statements]

    def plant(self, connection: psycopg.Connection[Any]) -> None:
        """Run every statement that is not in yet and whose tables are there, each in a savepoint of its own."""
        waiting = [seed for seed in self._seeds if not seed.planted]
        if not waiting:
            return
        known = _known_tables(connection)
        for seed in waiting:
            signature = _signature(seed, known)
            if signature is None or signature == seed.tried_on:
                continue
            seed.tried_on = signature
            with attempt(connection) as trial:
                connection.execute(seed.statement.sql)
            seed.planted = trial.error is None
        # Hand over what this session counted, for whoever looks at the contents next.
        connection.execute("SELECT pg_stat_force_next_flush()")


def read_seeds(files: Iterable[Path]) -> Seeds:
    """The seed of some files; raises SourceError when one cannot be read. What is no data statement is left out."""
    return Seeds(tuple(_statements(files)))


def _statements(files: Iterable[Path]) -> Iterator[Statement]:
    for file in files:
        _, text = read_source(file, str(file), _LIMIT)
        yield from (item for item in parse(text).statements if item.kind in _WRITING and _tables(item))


def _tables(statement: Statement) -> frozenset[tuple[str, str]]:
    ranges = (node for kind, node in walk({"Root": statement.tree}) if kind == "RangeVar")
    named = {(node.get("schemaname", ""), node.get("relname", "")) for node in ranges}
    target = statement.tree.get("relation")
    if target:
        named.add((target.get("schemaname", ""), target.get("relname", "")))
    ctes = {node.get("ctename", "") for kind, node in walk(statement.tree) if kind == "CommonTableExpr"}
    return frozenset((schema, name) for schema, name in named if schema or name not in ctes)


def _known_tables(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], tuple[int, tuple[int, ...]]]:
    rows = connection.execute(read_query("lockgate.proving", "seedable")).fetchall()
    known = {(schema, name): (oid, tuple(numbers)) for oid, schema, name, numbers, _ in rows}
    visible = {("", name): (oid, tuple(numbers)) for oid, _, name, numbers, is_visible in rows if is_visible}
    return known | visible


def _signature(seed: Seed, known: dict[tuple[str, str], tuple[int, tuple[int, ...]]]) -> Signature | None:
    if not seed.tables <= known.keys():
        return None
    return tuple(known[table] for table in sorted(seed.tables))
