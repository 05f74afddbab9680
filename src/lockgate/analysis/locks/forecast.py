"""What a statement will do to the relations that it touches: the value that the forecast gives."""

from __future__ import annotations

from lockgate.types import Blocks, LockMode, RelationLock, strongest
from lockgate.values import value


@value(frozen=True, slots=True)
class Forecast:
    """The locks of one statement and what it does while it holds them.

    ``relations`` are the tables, views, materialized views, foreign tables and free-standing sequences, named in the
    statement or not; a relation that nothing is known about is assumed to exist. ``attached`` are indexes and owned
    sequences, where their lock says more than the one on their table (an index under ACCESS EXCLUSIVE stops queries
    from being planned). ``creates`` names new relations. ``transactional`` is false where a transaction block refuses
    the statement; ``patient`` means that it takes its time under a lock that lets reads and writes go on; ``opaque``
    that part of it is put together at run time and cannot be told.
    """

    relations: tuple[RelationLock, ...] = ()
    attached: tuple[RelationLock, ...] = ()
    transactional: bool = True
    creates: tuple[str, ...] = ()
    why: str = ""
    patient: bool = False
    opaque: bool = False

    @property
    def strongest(self) -> LockMode | None:
        """The strongest mode on any relation, index or sequence."""
        return strongest([*self.relations, *self.attached])

    @property
    def blocks(self) -> Blocks:
        """What ordinary traffic has to wait behind the statement."""
        mode = self.strongest
        return mode.blocks if mode else "nothing"

    def lock_on(self, relation: str) -> RelationLock | None:
        """The lock on one relation by its qualified name."""
        return next((lock for lock in (*self.relations, *self.attached) if lock.relation == relation), None)


NOTHING = Forecast()
"""A statement that locks no relation of the user's."""
