"""The new table as it is born, and the exchange of all names between it and the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from lockgate.analysis.state.names import generated_name
from lockgate.catalog.compare import diff
from lockgate.catalog.model import Constraint, Index, Table, Trigger
from lockgate.catalog.script.write import as_sql
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import unproved_again
from lockgate.planning.rebuild.follow import Follower
from lockgate.planning.rebuild.shape import Shape, publications
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import deparse, parse_one

_LIKE = "INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS"
_OTHER = {"LOGGED": "UNLOGGED", "UNLOGGED": "LOGGED"}
_STATES = {"origin": "ENABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


@dataclass(frozen=True)
class Twin:
    """A table of the snapshot and the one that takes its place."""

    snapshot: Snapshot
    table: Table
    shape: Shape

    @property
    def new(self) -> QualifiedName:
        """The new table before the exchange."""
        return self._beside("_new")

    @property
    def old(self) -> QualifiedName:
        """The old table after the exchange."""
        return self._beside("_old")

    def _beside(self, suffix: str) -> QualifiedName:
        return QualifiedName(self.table.name.schema, derived_name(self.table.name.name, suffix=suffix))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the new table's primary key."""
        found = self.snapshot.primary_key(self.table.name)
        assert found is not None
        return tuple(dict.fromkeys((*found.columns, *self.shape.key)))

    def follower(self, leader: QualifiedName, other: QualifiedName) -> Follower:
        """What keeps the one in step with the other."""
        columns = tuple(c.column for c in self.table.columns if c.generated is None)
        always = any(column.identity == "ALWAYS" for column in self.table.columns)
        found = self.snapshot.primary_key(self.table.name)
        assert found is not None
        key = self.key if other == self.new else found.columns
        overriding = "OVERRIDING SYSTEM VALUE " if always else ""
        unique = [item for item in self._constraints() if item.type in ("unique", "exclude")]
        further = unique or any(index.unique for index in self.indexes())
        return Follower(leader, other, columns, key, overriding, "NO KEY UPDATE" if further else "KEY SHARE")

    # Birth

    def create(self) -> Iterator[str]:
        """The statements that make it, with its keys and references, closed to everybody but its owner."""
        new, old = self.new.sql, self.table.name.sql
        options = ", ".join(f"{name} = {value}" for name, value in self.table.options)
        behind = f" WITH ({options})" if options and not self.shape.key else ""
        yield f"CREATE {self.shape.before}TABLE {new} (LIKE {old} {_LIKE}){self.shape.behind or behind}"
        yield f"ALTER TABLE {new} ENABLE ROW LEVEL SECURITY"
        for suffix, bound in self.shape.partitions:
            name = QualifiedName(self.new.schema, derived_name(self.table.name.name, suffix=suffix))
            yield f"CREATE TABLE {name.sql} PARTITION OF {new} {bound}"
            yield f"ALTER TABLE {name.sql} ENABLE ROW LEVEL SECURITY"
        for constraint in self._constraints():
            definition = self._definition(constraint)
            yield f"ALTER TABLE {new} ADD CONSTRAINT {quote(_new(constraint.constraint))} {definition}"
        for index in self.indexes():
            if index.unique or self.shape.key:
                yield self._index(index, concurrently=False)
        for column in self.shape.columns:
            yield f"ALTER TABLE {new} ADD COLUMN {column}"
        for added, definition in self.shape.constraints:
            yield f"ALTER TABLE {new} ADD CONSTRAINT {quote(_new(added))} {definition}"

    def build(self) -> tuple[str, ...]:
        """The statements that make the other indexes and prove references, once the rows are there."""
        rest = [index for index in self.indexes() if not (index.unique or self.shape.key)]
        proofs = [
            f"ALTER TABLE {self.new.sql} VALIDATE CONSTRAINT {quote(_new(item.constraint))}"
            for item in self._proved()
        ]
        built = (self._index(index, concurrently=True) for index in rest)
        return (*built, *proofs, f"ANALYZE {self.new.sql}")

    def _proved(self) -> list[Constraint]:
        return [item for item in self._constraints() if self._is_proved_later(item) and item.validated]

    def unbuild(self) -> tuple[str, ...]:
        """Takes away what :meth:`build` made."""
        rest = [index for index in self.indexes() if not (index.unique or self.shape.key)]
        unproved = [
            unproved_again(self.new, _new(item.constraint), self._definition(item)) for item in self._proved()
        ]
        dropped = (
            f"DROP INDEX CONCURRENTLY {QualifiedName(index.name.schema, _new(index.name.name)).sql}"
            for index in reversed(rest)
        )
        return (*unproved, *dropped)

    def _constraints(self) -> list[Constraint]:
        order = ("primary key", "unique", "exclude", "foreign key")
        found = [item for item in self.snapshot.constraints_of(self.table.name) if item.type in order]
        return sorted(found, key=lambda item: (order.index(item.type), item.constraint))

    def _definition(self, constraint: Constraint) -> str:
        if constraint.type == "primary key" and self.key != constraint.columns:
            return f"PRIMARY KEY ({', '.join(map(quote, self.key))})"
        definition = constraint.definition.removesuffix(" NOT VALID")
        return f"{definition} NOT VALID" if self._is_proved_later(constraint) else definition

    def _is_proved_later(self, constraint: Constraint) -> bool:
        """References to other tables are proved when the rows are there; those of a partitioned table cannot wait."""
        return constraint.type == "foreign key" and not self.shape.key

    def indexes(self) -> list[Index]:
        """The indexes that stand behind no constraint."""
        return [item for item in self.snapshot.indexes_of(self.table.name) if item.constraint is None]

    def _index(self, index: Index, *, concurrently: bool) -> str:
        tree = dict(parse_one(index.definition).tree)
        tree["relation"] = {**tree["relation"], "relname": self.new.name}
        tree["idxname"] = _new(index.name.name)
        if concurrently:
            tree["concurrent"] = True
        return deparse({"IndexStmt": tree})

    # Exchange

    def exchange(self) -> Iterator[str]:
        """The old table steps aside, the new one takes its name and everything that was the old one's."""
        name = self.table.name
        yield from self.follower(name, self.new).drop()
        yield from self._numbers(self.new, name)
        yield from self._renamed(name, self.old, "", "_old")
        yield from self._renamed(self.new, name, "_new", "")
        yield from as_sql(diff(self._bare(), self.snapshot))
        yield from self._published(self.old, name)
        yield from self._own_sequences(name)
        for trigger in self._triggers():
            yield f"ALTER TABLE {self.old.sql} DISABLE TRIGGER {quote(trigger.address.part)}"
        yield from self.follower(name, self.old).create()

    def exchange_back(self) -> Iterator[str]:
        """The same in reverse."""
        name = self.table.name
        yield from self.follower(name, self.old).drop()
        for trigger in self._triggers():
            if trigger.enabled in _STATES:
                yield f"ALTER TABLE {self.old.sql} {_STATES[trigger.enabled]} TRIGGER {quote(trigger.address.part)}"
        yield from self._own_sequences(self.old)
        yield from self._published(name, self.old)
        yield from as_sql(diff(self.snapshot, self._bare()))
        yield from self._renamed(name, self.new, "", "_new")
        yield from self._renamed(self.old, name, "_old", "")
        yield from self._numbers(name, self.new)
        yield from self.follower(name, self.new).create()

    def _triggers(self) -> list[Trigger]:
        return [item for item in self.snapshot.triggers_of(self.table.name) if not item.inherited]

    def _bare(self) -> Snapshot:
        """The schema with the new table in the old one's place, before it has what the old one had."""
        gone = {item.address for item in self._triggers()}
        gone |= {item.address for item in self.snapshot.policies_of(self.table.name)}
        objects = {address: item for address, item in self.snapshot.objects.items() if address not in gone}
        columns = tuple(replace(column, grants=None) for column in self.table.columns)
        objects[self.table.address] = replace(
            self.table,
            columns=columns,
            grants=None,
            comment=None,
            row_security=True,
            replica_identity="default",
        )
        return replace(self.snapshot, objects=MappingProxyType(objects))

    def _renamed(self, one: QualifiedName, other: QualifiedName, before: str, after: str) -> Iterator[str]:
        yield f"ALTER TABLE {one.sql} RENAME TO {quote(other.name)}"
        for constraint in self._constraints():
            names = (_suffixed(constraint.constraint, before), _suffixed(constraint.constraint, after))
            yield f"ALTER TABLE {other.sql} RENAME CONSTRAINT {quote(names[0])} TO {quote(names[1])}"
        for index in self.indexes():
            name = QualifiedName(index.name.schema, _suffixed(index.name.name, before))
            yield f"ALTER INDEX {name.sql} RENAME TO {quote(_suffixed(index.name.name, after))}"
        for added, _ in self.shape.constraints if "_new" in (before, after) else ():
            names = (_suffixed(added, before), _suffixed(added, after))
            yield f"ALTER TABLE {other.sql} RENAME CONSTRAINT {quote(names[0])} TO {quote(names[1])}"
        for sequence in self._identities():
            name = QualifiedName(sequence.schema, self._numbering(sequence, before))
            yield f"ALTER SEQUENCE {name.sql} RENAME TO {quote(self._numbering(sequence, after))}"

    def _numbers(self, target: QualifiedName, source: QualifiedName) -> Iterator[str]:
        """The sequence of an identity of one table goes on where that of the other one stands."""
        suffixes = {self.new: "_new", self.old: "_old"}
        for sequence in self._identities():
            mine = QualifiedName(sequence.schema, self._numbering(sequence, suffixes.get(target, "")))
            other = QualifiedName(sequence.schema, self._numbering(sequence, suffixes.get(source, "")))
            yield f"SELECT setval({literal(mine.sql)}, last_value, is_called) FROM {other.sql}"

    def _identities(self) -> list[QualifiedName]:
        return [item.name for item in self.snapshot.sequences_of(self.table.name) if item.internal]

    def _numbering(self, sequence: QualifiedName, suffix: str) -> str:
        """What the sequence of an identity is called: that of the new table got its name from the server."""
        if suffix != "_new":
            return _suffixed(sequence.name, suffix)
        column = next(
            item.owned_by[2]
            for item in self.snapshot.sequences_of(self.table.name)
            if item.name == sequence and item.owned_by
        )
        return generated_name(self.new.name, column, "seq")

    def _own_sequences(self, owner: QualifiedName) -> Iterator[str]:
        """The sequences behind serial columns belong to the table in use, and are logged as it is."""
        forth = owner == self.table.name
        logging = self.shape.logging if forth else _OTHER.get(self.shape.logging, "")
        for item in self.snapshot.sequences_of(self.table.name):
            if not item.internal and item.owned_by:
                yield f"ALTER SEQUENCE {item.name.sql} OWNED BY {owner.sql}.{quote(item.owned_by[2])}"
                if logging and self.snapshot.major >= 15:
                    yield f"ALTER SEQUENCE {item.name.sql} SET {logging}"

    def _published(self, one: QualifiedName, other: QualifiedName) -> Iterator[str]:
        for name in publications(self.snapshot, self.table.name):
            yield f"ALTER PUBLICATION {quote(name)} DROP TABLE {one.sql}"
            yield f"ALTER PUBLICATION {quote(name)} ADD TABLE {other.sql}"


def _new(name: str) -> str:
    return _suffixed(name, "_new")


def _suffixed(name: str, suffix: str) -> str:
    return derived_name(name, suffix=suffix) if suffix else name
