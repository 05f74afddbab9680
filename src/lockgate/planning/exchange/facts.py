"""What hangs on the exchanged columns: constraints and indexes, as the server prints them or as the files say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lockgate.analysis import view
from lockgate.catalog.model import Constraint, Index
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.columns import indexes_over
from lockgate.planning.exchange.pair import Pair
from lockgate.planning.twins import twin
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import deparse_expression

KEYS: Final = ("primary key", "unique")


@dataclass(frozen=True, slots=True)
class Hung:
    """A constraint over exchanged columns; ``definition`` is what stands behind its name."""

    table: QualifiedName
    name: str
    type: str
    definition: str
    columns: tuple[str, ...]
    validated: bool = True
    references: QualifiedName | None = None
    deferred: str = ""
    referenced: tuple[str, ...] = ()

    def refers_to(self, pair: Pair) -> bool:
        """Whether it is a foreign key that looks for rows by a pair's column."""
        return self.references == pair.table.name and pair.column.name in self.referenced

    def binds(self, pair: Pair) -> bool:
        """Whether rows are found by a pair's column because of it."""
        own = self.table == pair.table.name and pair.column.name in self.columns
        return self.refers_to(pair) or (own and self.type in (*KEYS, "foreign key"))


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index over exchanged columns; ``constraint`` names the constraint that it stands behind.

    That of a partitioned table is ``whole``; those of its partitions have it as their ``parent``.
    """

    name: QualifiedName
    table: QualifiedName
    definition: str
    constraint: str = ""
    whole: bool = False
    parent: QualifiedName | None = None

    def twin(self, suffix: str) -> str:
        """What the same index over the other column is called."""
        return derived_name(self.name.name, suffix=suffix)

    def attached(self, suffix: str) -> Iterator[str]:
        """Makes the twin a part of that of the whole table."""
        if self.parent is not None:
            whole = QualifiedName(self.parent.schema, derived_name(self.parent.name, suffix=suffix))
            yield f"ALTER INDEX {whole.sql} ATTACH PARTITION {QualifiedName(self.name.schema, self.twin(suffix)).sql}"

    def gone(self, suffix: str) -> str:
        """Takes the twin away, with its parts."""
        word = "" if self.whole else "CONCURRENTLY "
        return f"DROP INDEX {word}{QualifiedName(self.name.schema, self.twin(suffix)).sql}"

    def renamed(self, old: str, new: str) -> str:
        """Gives the index or its twin another name."""
        return f"ALTER INDEX {QualifiedName(self.name.schema, old).sql} RENAME TO {quote(new)}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of these sorts that has to be told again about the new columns."""

    constraints: tuple[Hung, ...]
    indexes: tuple[Indexed, ...]

    def is_key(self, pair: Pair) -> bool:
        """Whether rows are found by a pair's column: what it holds must be the same on both sides."""
        unique = (one.table for one in self.indexes if one.definition.startswith("CREATE UNIQUE"))
        return pair.table.name in unique or any(one.binds(pair) for one in self.constraints)


def from_snapshot(snapshot: Snapshot, pairs: tuple[Pair, ...]) -> Facts:
    """What a schema really has."""
    columns = _exchanged(pairs)
    hung = tuple(
        _hung(found)
        for found in snapshot.of_type(Constraint)
        if not found.inherited and _touches(found, columns)
    )
    indexes = tuple(
        Indexed(
            found.name,
            found.table,
            found.definition,
            found.constraint or "",
            snapshot.tables[found.table].is_partitioned,
            found.parent,
        )
        for table in columns
        for found in snapshot.indexes_of(table)
        if columns[table] & {*found.columns, *found.included} or _mentions(snapshot, found, columns[table])
    )
    return Facts(hung, indexes)


def _exchanged(pairs: tuple[Pair, ...]) -> dict[QualifiedName, set[str]]:
    columns: dict[QualifiedName, set[str]] = {}
    for pair in pairs:
        for table in pair.tables:
            columns.setdefault(table, set()).add(pair.column.name)
    return columns


def _touches(found: Constraint, columns: dict[QualifiedName, set[str]]) -> bool:
    own = columns.get(found.name, set()) & set(found.columns)
    other = columns.get(found.references, set()) if found.references else set()
    return bool(own or other & set(found.referenced_columns))


def _mentions(snapshot: Snapshot, found: Index, columns: set[str]) -> bool:
    needed = snapshot.depends.get(found.address, frozenset())
    return any(one.part in columns and one.qualified == found.table for one in needed)


def _hung(found: Constraint) -> Hung:
    deferred = " DEFERRABLE" if found.deferrable else ""
    deferred += " INITIALLY DEFERRED" if found.deferred else ""
    return Hung(
        found.name,
        found.constraint,
        found.type,
        found.definition,
        found.columns,
        found.validated,
        found.references,
        deferred,
        found.referenced_columns,
    )


def from_state(pairs: tuple[Pair, ...]) -> Facts:
    """What the files before the change say; enough where nothing but constraints and indexes hangs on the columns."""
    columns = _exchanged(pairs)
    hung = [
        _as_hung(pair.table.name, found)
        for pair in pairs
        for found in pair.table.constraints
        if pair.column.name in found.columns and found.kind not in ("not null", "trigger")
    ]
    for pair in pairs:
        for table, key in pair.state.referencing(pair.table.name):
            if pair.column.name in key.referenced_columns:
                hung.append(_as_hung(table, key))
    indexes = [
        Indexed(found.name, found.table, twin(found, {}, found.name.name), found.constraint)
        for pair in pairs
        for found in indexes_over(pair.table, pair.column.name)
    ]
    assert columns
    return Facts(tuple(dict.fromkeys(hung)), tuple(dict.fromkeys(indexes)))


def _as_hung(table: QualifiedName, found: view.Constraint) -> Hung:
    definition = definition_of(found) + ("" if found.valid else " NOT VALID")
    deferred = " DEFERRABLE" if found.deferrable else ""
    return Hung(
        table,
        found.name,
        found.kind,
        definition,
        found.columns,
        found.valid,
        found.references,
        deferred,
        found.referenced_columns,
    )


def definition_of(found: view.Constraint) -> str:
    """What stands behind the name of a constraint that is known from the files."""
    return " ".join(_words(found)) + (" DEFERRABLE" if found.deferrable else "")


def _words(found: view.Constraint) -> Iterator[str]:
    columns = ", ".join(map(quote, found.columns))
    if found.expression is not None:
        yield f"CHECK ({deparse_expression(found.expression)})"
    elif found.references is not None:
        other = ", ".join(map(quote, found.referenced_columns))
        yield f"FOREIGN KEY ({columns}) REFERENCES {found.references.sql}" + (f" ({other})" if other else "")
        for event, action in (("DELETE", found.on_delete), ("UPDATE", found.on_update)):
            if action and action.upper() != "NO ACTION":
                yield f"ON {event} {action.upper()}"
    else:
        yield f"{found.kind.upper()} ({columns})"
