"""Where the families of statements write down what a statement does, until the forecast is drawn up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lockgate.analysis.locks.forecast import Forecast
from lockgate.analysis.locks.scene import SYSTEM_SCHEMAS, Scene
from lockgate.analysis.view import Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement
from lockgate.types import LockMode, RelationLock

Follow = Callable[["Ledger", str, Node], None]
"""Writes down what a statement inside another one does, by its kind and its tree."""

WEAK = LockMode.ROW_EXCLUSIVE
"""Up to here a lock on an index or a sequence stands in nobody's way."""


class Ledger:
    """The locks of one statement, added up: the strongest mode per relation, and all that is done to it."""

    __slots__ = (
        "_attached",
        "_creates",
        "_follow",
        "_relations",
        "_why",
        "depth",
        "followed",
        "opaque",
        "patient",
        "scene",
        "statement",
        "transactional",
    )

    def __init__(self, scene: Scene, follow: Follow, statement: Statement | None = None) -> None:
        self.scene = scene
        self.statement = statement
        self.depth = 0
        self.followed: dict[QualifiedName, int] = {}
        self._follow = follow
        self.transactional = True
        self.patient = False
        self.opaque = False
        self._relations: dict[QualifiedName, RelationLock] = {}
        self._attached: dict[QualifiedName, tuple[QualifiedName | None, RelationLock]] = {}
        self._creates: dict[QualifiedName, None] = {}
        self._why: dict[str, None] = {}

    def lock(
        self,
        relation: QualifiedName,
        mode: LockMode,
        *,
        rewrite: bool = False,
        scan: bool = False,
        index_build: bool = False,
    ) -> None:
        """Lock a relation; what is known of it already is kept."""
        if relation.schema in SYSTEM_SCHEMAS:
            return
        before = self._relations.get(relation)
        if before is not None:
            mode = max(before.mode, mode)
            rewrite, scan = before.rewrite or rewrite, before.scan or scan
            index_build = before.index_build or index_build
        self._relations[relation] = RelationLock(str(relation), mode, rewrite, scan, index_build)

    def follow(self, kind: str, tree: Node) -> None:
        """Write down what a statement inside this one does."""
        self._follow(self, kind, tree)

    def lock_all(self, relations: Iterable[Relation], mode: LockMode) -> None:
        """Lock each of some relations."""
        for relation in relations:
            self.lock(relation.name, mode)

    def attach(
        self, name: QualifiedName, owner: QualifiedName | None, mode: LockMode, *, rewrite: bool = False
    ) -> None:
        """Lock an index or an owned sequence; ``owner`` is its table."""
        before = self._attached.get(name)
        if before is not None:
            mode, rewrite = max(before[1].mode, mode), before[1].rewrite or rewrite
        self._attached[name] = owner, RelationLock(str(name), mode, rewrite)

    def attach_index(self, index: Index, mode: LockMode, *, rewrite: bool = False) -> None:
        """Lock an index."""
        self.attach(index.name, index.table, mode, rewrite=rewrite and not index.partitioned)

    def lock_sequence(self, sequence: Relation, mode: LockMode, *, rewrite: bool = False) -> None:
        """Lock a sequence: one that a column owns counts as a part of the table."""
        if sequence.owned_by is not None:
            self.attach(sequence.name, sequence.owned_by[0], mode, rewrite=rewrite)
        elif mode > WEAK:
            self.lock(sequence.name, mode, rewrite=rewrite)

    def create(self, name: QualifiedName) -> None:
        """Note a new relation; nobody else can wait for it."""
        self._creates[name] = None

    def because(self, sentence: str) -> None:
        """Say why, once."""
        self._why[sentence] = None

    def is_locked(self, name: QualifiedName) -> bool:
        """Whether the statement locks a relation so far."""
        return name in self._relations

    def close(self) -> Forecast:
        """Draw up the forecast."""
        relations = tuple(lock for name, lock in sorted(self._relations.items()) if name not in self._creates)
        return Forecast(
            relations,
            tuple(
                lock
                for name, (owner, lock) in sorted(self._attached.items())
                if self._stands_out(owner, lock)
            ),
            self.transactional,
            tuple(str(name) for name in self._creates),
            " ".join(self._why),
            self.patient,
            self.opaque,
        )

    def _stands_out(self, owner: QualifiedName | None, lock: RelationLock) -> bool:
        """Whether the lock on an index or an owned sequence says more than the one on its table."""
        table = self._relations.get(owner) if owner is not None else None
        return lock.mode > WEAK and (table is None or table.mode < lock.mode)
