"""An index of a partitioned table takes the place of another one without a moment in which queries have neither.

No index of a partitioned table is built or dropped concurrently. So that of the table itself is made over no rows (ON
ONLY), those of its partitions concurrently, one by one, and attached. By the last of them the whole is valid. Then the
old index goes, and the new ones take their names, in one transaction that reads no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.analysis.state.names import generated_name
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Index, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.exchange.family import below
from lockgate.planning.plan import PhaseKind
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import Node, deparse

_ACCEPTS = tuple(
    (rule, "its successor is there already, and nothing is read")
    for rule in (
        "drop-index-not-concurrent",
        "drop-index-query-regression",
        "rename-other-object",
        "wide-lock-window",
        "statement-while-holding-access-exclusive",
    )
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """``old`` of a partitioned table, and the statement (IndexStmt) that makes its successor called ``name``."""

    snapshot: Snapshot
    table: Table
    old: Index
    tree: Node
    name: str
    columns: tuple[str, ...]

    def parts(self) -> tuple[Part, ...]:
        """Build and attach, then exchange."""
        names = self._names()
        built = [self._made(table, names[table.name][0]) for table in self._tables]
        attached = [
            _attached(names[parent][0], names[table.name][0])
            for table in reversed(self._tables[1:])
            for parent in table.inherits
        ]
        whole = names[self.table.name][0]
        forth = tuple(
            f"ALTER INDEX {one.sql} RENAME TO {quote(other.name)}"
            for one, other in names.values()
            if one != other
        )
        back = tuple(
            f"ALTER INDEX {other.sql} RENAME TO {quote(one.name)}"
            for one, other in names.values()
            if one != other
        )
        drop = f"DROP INDEX {self.old.name.sql}"
        return (
            Part(
                PhaseKind.MIGRATE,
                f"build {whole.name}",
                (*built, *attached),
                (f"DROP INDEX {whole.sql}",),
                one_by_one=True,
                accepts=_ACCEPTS,
            ),
            Part(
                PhaseKind.CONTRACT,
                f"replace index {self.old.name.name}",
                (drop, *forth),
                (*(("BEGIN", *back, "COMMIT") if back else ()), *self._again()),
                accepts=_ACCEPTS,
            ),
        )

    @property
    def _tables(self) -> tuple[Table, ...]:
        return (self.table, *below(self.snapshot, self.table))

    def _names(self) -> dict[QualifiedName, tuple[QualifiedName, QualifiedName]]:
        """What the index of each table is called until the exchange, and after it: as the server would call it."""
        going = {one.name for one in self._family()}
        taken = {address.qualified for address in self.snapshot.objects if address.kind in _RELATIONS} - going
        names: dict[QualifiedName, tuple[QualifiedName, QualifiedName]] = {}
        for table in self._tables:
            wanted = self.name if table == self.table else self._chosen(table, taken)
            final = QualifiedName(table.name.schema, wanted)
            taken.add(final)
            first = QualifiedName(table.name.schema, derived_name(wanted, suffix="_new"))
            names[table.name] = (first if final in going else final, final)
        return names

    def _chosen(self, table: Table, taken: set[QualifiedName]) -> str:
        wanted = generated_name(table.name.name, "_".join(self.columns) or "expr", "idx")
        number, name = 0, wanted
        while QualifiedName(table.name.schema, name) in taken:
            number += 1
            name = derived_name(wanted, suffix=str(number))
        return name

    def _made(self, table: Table, name: QualifiedName) -> str:
        relation = {"schemaname": table.name.schema, "relname": table.name.name, "relpersistence": "p"}
        whole = table.is_partitioned
        tree = {key: value for key, value in self.tree.items() if key not in ("if_not_exists", "concurrent")}
        tree |= {"idxname": name.name, "relation": relation if whole else {**relation, "inh": True}}
        return deparse({"IndexStmt": tree if whole else {**tree, "concurrent": True}})

    def _family(self) -> list[Index]:
        """The old index and those that are parts of it, however deep."""
        found = [self.old]
        for one in found:
            found += [
                index
                for table in self._tables
                for index in self.snapshot.indexes_of(table.name)
                if index.parent == one.name
            ]
        return found

    def _again(self) -> Iterator[str]:
        """The old one as it was, built and attached in the same manner."""
        family = self._family()
        for one in family:
            text = one.definition
            yield (
                text
                if " ON ONLY " in text
                else re.sub(r"^(CREATE (?:UNIQUE )?INDEX) ", r"\1 CONCURRENTLY ", text)
            )
        yield from (_attached(one.parent, one.name) for one in reversed(family[1:]) if one.parent is not None)
        for one in family:
            if one.comment:
                yield f"COMMENT ON INDEX {one.name.sql} IS {literal(one.comment)}"


_RELATIONS = frozenset({Kind.TABLE, Kind.VIEW, Kind.INDEX, Kind.SEQUENCE})


def _attached(whole: QualifiedName, part: QualifiedName) -> str:
    return f"ALTER INDEX {whole.sql} ATTACH PARTITION {part.sql}"


def replacement(
    snapshot: Snapshot, old: QualifiedName, tree: Node, name: str, columns: tuple[str, ...]
) -> Replacement | None:
    """How an index of a partitioned table is replaced; None where a partition is no table of this server."""
    index = snapshot.get(Address(Kind.INDEX, old.schema, old.name))
    table = snapshot.tables.get(index.table) if isinstance(index, Index) else None
    if not isinstance(index, Index) or table is None or index.parent is not None:
        return None
    if any(one.server is not None for one in below(snapshot, table)):
        return None
    return Replacement(snapshot, table, index, tree, name, columns)
