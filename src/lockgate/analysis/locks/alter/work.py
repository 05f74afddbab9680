"""What one ALTER TABLE has to do to each table that it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import Scene, is_stored
from lockgate.analysis.view import Column, Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode


@dataclass(slots=True)
class Work:
    """What is due for one table when all actions have been looked at (the server's ``AlteredTableInfo``)."""

    relation: Relation
    rewrite: bool = False
    scan: bool = False
    build: bool = False

    @property
    def stored(self) -> bool:
        """Whether the table has rows of its own."""
        return is_stored(self.relation)


@dataclass(slots=True)
class Alteration:
    """One ALTER TABLE: its table, the lock that its strongest action asks for, and the work per table.

    ``dropped`` names the constraints that go, ``gone`` the columns, ``nullable`` those that lose their NOT NULL, and
    ``added`` those that come; the server does all of that first.
    """

    ledger: Ledger
    relation: Relation
    mode: LockMode
    commands: list[Node]
    alone: bool = False
    works: dict[QualifiedName, Work] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    nullable: set[str] = field(default_factory=set)
    added: dict[str, Column] = field(default_factory=dict)

    @property
    def scene(self) -> Scene:
        """The schema that the statement meets."""
        return self.ledger.scene

    def work(self, relation: Relation) -> Work:
        """Lock a table in the statement's mode and return what is due for it."""
        self.ledger.lock(relation.name, self.mode)
        return self.works.setdefault(relation.name, Work(relation))

    def own(self) -> Work:
        """The work on the table that the statement names."""
        return self.work(self.relation)

    def reach(self) -> list[Work]:
        """The work on the table and, unless the statement says ONLY, on all its descendants."""
        return [self.work(relation) for relation in self.scene.family(self.relation, alone=self.alone)]

    def reach_partitions(self) -> list[Work]:
        """The work on the table and, where it is partitioned, on its partitions."""
        if self.relation.kind == "partitioned table":
            return self.reach()
        return [self.own()]

    def column(self, relation: Relation, name: str) -> Column | None:
        """A column of a table, those included that this statement adds."""
        return relation.column(name) or self.added.get(name)

    def settle(self) -> None:
        """Write down the scans, builds and rewrites that are due; a rewrite builds every index anew."""
        for work in self.works.values():
            if not work.stored:
                continue
            builds = work.build or (work.rewrite and self._keeps_an_index(work.relation))
            self.ledger.lock(
                work.relation.name,
                self.mode,
                rewrite=work.rewrite,
                scan=work.scan or work.build or work.rewrite,
                index_build=builds,
            )

    def _keeps_an_index(self, relation: Relation) -> bool:
        return relation.partial or any(self.keeps(index) for index in relation.indexes)

    def keeps(self, index: Index) -> bool:
        """Whether an index outlives what the statement drops."""
        of_parent = index.parent.name if index.parent is not None else ""
        if index.constraint and self.dropped & {index.constraint, of_parent}:
            return False
        return not self.gone & {key.column for key in index.keys}


def stored(works: list[Work]) -> Iterator[Work]:
    """The tables among them that have rows of their own."""
    return (work for work in works if work.stored)
