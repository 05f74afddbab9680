"""A table and the one that takes its place: what they are called, what hangs on them, how they are kept in step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Constraint, Index, Plain, Table, Trigger
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.rebuild.follow import Follower
from lockgate.planning.rebuild.references import Reference, pointing_to
from lockgate.planning.rebuild.shape import Shape
from lockgate.sql.identifiers import QualifiedName, derived_name, quote

_ORDER = ("primary key", "unique", "exclude", "foreign key")


@dataclass(frozen=True)
class Twin:
    """A table of the snapshot and the one that takes its place.

    Until the exchange the new one is called ``_new``, and so is all that hangs on it; after it the old one is ``_old``.
    """

    snapshot: Snapshot
    table: Table
    shape: Shape

    @property
    def new(self) -> QualifiedName:
        """The new table before the exchange."""
        return self.beside(self.table.name, "_new")

    @property
    def old(self) -> QualifiedName:
        """The old table after the exchange."""
        return self.beside(self.table.name, "_old")

    @staticmethod
    def beside(name: QualifiedName, suffix: str) -> QualifiedName:
        """What is called so, as it is called on the other table."""
        return QualifiedName(name.schema, suffixed(name.name, suffix))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the new table's primary key."""
        return tuple(dict.fromkeys((*self._old_key, *self.shape.key)))

    @property
    def _old_key(self) -> tuple[str, ...]:
        found = self.snapshot.primary_key(self.table.name)
        assert found is not None
        return found.columns

    def follower(self, leader: QualifiedName, other: QualifiedName) -> Follower:
        """What keeps the one in step with the other."""
        forth, retype = other == self.new, self.shape.retype
        unique = any(item.type in ("unique", "exclude") for item in self.constraints())
        further = unique or bool(self.shape.constraints) or any(index.unique for index in self.indexes())
        return Follower(
            leader,
            other,
            columns=tuple(column.column for column in self.table.columns if column.generated is None),
            key=self.key if forth else self._old_key,
            locked="NO KEY UPDATE" if further else "KEY SHARE",
            referenced=bool(pointing_to(self.snapshot, self.table)),
            converted=((retype.column, retype.up if forth else retype.down),) if retype else (),
            path=retype.path if retype else (),
        )

    # What hangs on the table

    def constraints(self) -> list[Constraint]:
        """Its keys and references; checks come with its columns."""
        found = [item for item in self.snapshot.constraints_of(self.table.name) if item.type in _ORDER]
        return sorted(found, key=lambda item: (_ORDER.index(item.type), item.constraint))

    def definition(self, constraint: Constraint) -> str:
        """What stands behind a constraint's name on the new table."""
        if constraint.type == "primary key" and self.key != constraint.columns:
            return f"PRIMARY KEY ({', '.join(map(quote, self.key))})"
        definition = constraint.definition.removesuffix(" NOT VALID")
        return f"{definition} NOT VALID" if self._is_proved_later(constraint) else definition

    def leaving(self) -> list[Constraint]:
        """References to other tables that are proved when the rows are there; a partitioned table's cannot wait."""
        return [item for item in self.constraints() if self._is_proved_later(item)]

    def _is_proved_later(self, constraint: Constraint) -> bool:
        own = self.is_own_reference(constraint)
        return constraint.type == "foreign key" and not self.shape.key and not own

    def is_own_reference(self, constraint: Constraint) -> bool:
        """Whether a constraint lets the table refer to itself."""
        return constraint.references == constraint.name == self.table.name

    def pointing(self, suffix: str) -> list[Reference]:
        """The references to the table, as they are called with a suffix; its own are those of the table called so."""
        own = {"_new": self.new, "_old": self.old}.get(suffix, self.table.name)
        return [
            Reference(
                item, own if self.is_own_reference(item) else item.name, suffixed(item.constraint, suffix)
            )
            for item in pointing_to(self.snapshot, self.table)
        ]

    def indexes(self) -> list[Index]:
        """The indexes that stand behind no constraint."""
        return [item for item in self.snapshot.indexes_of(self.table.name) if item.constraint is None]

    def later(self) -> list[Index]:
        """Those of them that are built when the rows are there."""
        return [index for index in self.indexes() if not (index.unique or self.shape.key)]

    def statistics(self) -> list[Plain]:
        """The statistics objects over its columns."""
        needed = (self.table.address, *(column.address for column in self.table.columns))
        found = {one for address in needed for one in self.snapshot.dependents.get(address, ())}
        items = (self.snapshot.get(one) for one in sorted(found) if one.kind is Kind.STATISTICS)
        return [item for item in items if isinstance(item, Plain)]

    def triggers(self) -> list[Trigger]:
        """The triggers of its own."""
        return [item for item in self.snapshot.triggers_of(self.table.name) if not item.inherited]

    def renamed(self, one: QualifiedName, other: QualifiedName, before: str, after: str) -> Iterator[str]:
        """The statements that give a table and all that hangs on it the names with another suffix."""
        yield f"ALTER TABLE {one.sql} RENAME TO {quote(other.name)}"
        names = [item.constraint for item in self.constraints()]
        if "_new" in (before, after):
            names += [added for added, _ in self.shape.constraints]
        for name in names:
            words = f"{quote(suffixed(name, before))} TO {quote(suffixed(name, after))}"
            yield f"ALTER TABLE {other.sql} RENAME CONSTRAINT {words}"
        for reference, next_ in zip(self.pointing(before), self.pointing(after), strict=True):
            if not self.is_own_reference(reference.declared):
                yield reference.rename(next_.name)
        things = [("STATISTICS", item.name) for item in self.statistics()]
        things += [("INDEX", index.name) for index in self.indexes()]
        for kind, thing in things:
            yield f"ALTER {kind} {self.beside(thing, before).sql} RENAME TO {quote(suffixed(thing.name, after))}"


def suffixed(name: str, suffix: str) -> str:
    """A name with a suffix, as short as the server wants it; the name itself without one."""
    return derived_name(name, suffix=suffix) if suffix else name
