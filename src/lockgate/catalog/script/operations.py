"""From changes to operations and their needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from lockgate.catalog.address import PARTS, RELATIONS, ROUTINES, Address, Kind
from lockgate.catalog.canonical import faithful
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    Constraint,
    Domain,
    Index,
    Plain,
    Publication,
    Relation,
    Sequence,
    Table,
    View,
)
from lockgate.catalog.script.changes import Changes, same_in_parents
from lockgate.catalog.script.closure import going_with, is_clone
from lockgate.catalog.script.graph import Key, Operation, Operations, Verb, need
from lockgate.catalog.script.persistence import first_of_all
from lockgate.catalog.writers import columns, parts, relations
from lockgate.catalog.writers.registry import writer_for
from lockgate.sql.identifiers import QualifiedName, derived_name, quote

Fills = Mapping[Address, tuple[str, ...]]


class Builder:
    """Makes the operations of some changes and finds what must come before what."""

    def __init__(self, changes: Changes, fills: Fills) -> None:
        self.changes = changes
        self.fills = fills
        self.operations: Operations = {}
        self.removers: dict[Address, Key] = {}
        names = {item.qualified for item in changes.dropped & changes.made if item.kind is Kind.TABLE}
        self.context = replace(changes.context, rebuilt=frozenset(names))
        self.before, self.after = changes.before, changes.after

    def build(self) -> Operations:
        """All operations, with their needs."""
        self._drop_everything()
        self._make_everything()
        for key in list(self.operations):
            self._needs(key)
        return self.operations

    # What is removed

    def _drop_everything(self) -> None:
        for address in sorted(self.changes.dropped):
            if self._exchanged(address):
                self._step_away(address)
            elif not self._goes_by_itself(address):
                self.drop(address)
        for address in sorted(self.changes.redefaulted):
            begin = f"ALTER TABLE {address.qualified.sql} ALTER COLUMN {quote(address.part)}"
            key = Key(Verb.DETACH, address)
            if not self._redefaults_itself(address):
                self._add(key, [f"{begin} DROP DEFAULT"], {address})

    def drop_apart(self, address: Address) -> Key:
        """The operation that drops a part of something before the rest of it."""
        if address.kind is Kind.DEFAULT:
            begin = f"ALTER TABLE {address.qualified.sql} ALTER COLUMN {quote(address.part)}"
            key = Key(Verb.DETACH, address)
            self._add(key, [f"{begin} DROP DEFAULT"], {address})
        else:
            key = self.drop(address)
        self.removers[address] = key
        return key

    def _redefaults_itself(self, default: Address) -> bool:
        """Whether the column is changed in a way that takes its default away and gives it back."""
        column = replace(default, kind=Kind.COLUMN)
        return any("DROP DEFAULT" in line for line in self.changes.altered.get(column, ()))

    def drop(self, address: Address) -> Key:
        """The operation that drops an object, with all that goes with it."""
        item = self.before.get(address)
        key = Key(Verb.DROP, address)
        if isinstance(item, Column):
            begin = columns.start(item, self.context)
            self._add(
                key, [f"{begin} DROP COLUMN {quote(item.column)}"], set(going_with(self.before, address))
            )
        elif item is not None:
            sql = writer_for(item).drop(item, self.context)
            self._add(key, sql, set(going_with(self.before, address)))
        return key

    def _goes_by_itself(self, address: Address) -> bool:
        """Whether something else that is dropped takes it along."""
        item = self.before.get(address)
        if isinstance(item, Index) and item.constraint:
            return True
        if isinstance(item, Sequence) and item.owned_by:
            schema, table, column = item.owned_by
            owners = (
                Address(Kind.COLUMN, schema, table, column),
                self._relation(QualifiedName(schema, table)),
            )
            return item.internal or any(owner in self.changes.dropped for owner in owners)
        if item is None or not (address.kind in PARTS or isinstance(item, Index)):
            return False
        if is_clone(self.before, address) and self._original_goes(address):
            return True
        home = item.table if isinstance(item, Index) else item.name
        relation = self._relation(home)
        if relation in self.changes.dropped and not self._exchanged(relation):
            return True
        return isinstance(item, Constraint | Index) and self._goes_with_column(item, home)

    def _original_goes(self, clone: Address) -> bool:
        """Whether the partitioned table's own trigger, constraint or index is dropped, or the parent's of that name."""
        originals = {one for one in self.before.depends.get(clone, ()) if one.kind is clone.kind}
        table = self.before.tables.get(clone.qualified)
        originals |= {
            replace(clone, schema=one.schema, name=one.name) for one in (table.inherits if table else ())
        }
        return any(one in self.changes.dropped or one in self.removers for one in originals)

    def _goes_with_column(self, item: Constraint | Index, home: QualifiedName) -> bool:
        names = (*item.columns, *(item.included if isinstance(item, Index) else ()))
        return any(
            Address(Kind.COLUMN, home.schema, home.name, name) in self.changes.dropped for name in names
        )

    def _relation(self, name: QualifiedName) -> Address:
        found = self.before.relations.get(name)
        kind = (
            Kind.DOMAIN if Address(Kind.DOMAIN, name.schema, name.name) in self.before.objects else Kind.TABLE
        )
        return found.address if found else Address(kind, name.schema, name.name)

    def _exchanged(self, address: Address) -> bool:
        """Whether a type is made anew under the columns that use it."""
        item = self.before.get(address)
        is_type = address.kind in (Kind.TYPE, Kind.DOMAIN) and item is not None
        return is_type and address in self.changes.made and any(self._retyped_by(address))

    def _retyped_by(self, address: Address) -> Iterator[Address]:
        return (item for item in self.before.dependents.get(address, ()) if item in self.changes.retyped)

    def _step_away(self, address: Address) -> None:
        """Give a type another name, so that the new one can stand beside it until all columns have moved."""
        spare = derived_name(address.name, suffix="__before")
        what, where = address.kind.value, address.qualified.sql
        self._add(Key(Verb.DETACH, address), [f"ALTER {what} {where} RENAME TO {quote(spare)}"], set())
        old = QualifiedName(address.schema, spare).sql
        self._add(Key(Verb.FINISH, address), [f"DROP {what} {old}"], set(going_with(self.before, address)))

    def _add(self, key: Key, sql: list[str], removes: set[Address]) -> None:
        self.operations[key] = Operation(key, sql, removes)
        for address in removes:
            if address == key.address or address not in self.removers:
                self.removers[address] = key

    # What is made

    def _make_everything(self) -> None:
        for address in sorted(self.changes.made):
            self._make(address)
        for address in sorted(self.changes.altered):
            self._alter(address)
        for address in sorted(self.changes.redefaulted):
            if Key(Verb.DETACH, address) in self.operations:
                self.late_default(address)
        for address in sorted(self.changes.untyped):
            self._retype_table(address)
        for address in sorted(self.changes.moved):
            self._move(address)
        for address, sql in self.fills.items():
            if sql and (self._is_made(address) or self._is_internal(address) or self._is_inherited(address)):
                self._add(Key(Verb.FILL, address), list(sql), set())

    def _is_internal(self, address: Address) -> bool:
        """Whether it is the sequence of an identity column, which comes with that column."""
        item = self.after.objects.get(address)
        return isinstance(item, Sequence) and item.internal

    def _is_inherited(self, address: Address) -> bool:
        """Whether it is a column that comes back with a parent's."""
        return address.kind is Kind.COLUMN and any(map(self._is_made, same_in_parents(self.after, address)))

    def _is_made(self, address: Address) -> bool:
        return Key(Verb.MAKE, address) in self.operations

    def _make(self, address: Address) -> None:
        item = self.after.get(address)
        if item is None or self._comes_by_itself(item):
            return
        key = Key(Verb.MAKE, address)
        if isinstance(item, Column):
            filled = address in self.fills
            self._add(key, columns.add(_bare(item) if filled else item, self.context), set())
            self._finish_filled(item)
        else:
            self._add(key, writer_for(item).create(item, self.context), set())
        self._finish_new(item)

    def _comes_by_itself(self, item: CatalogObject) -> bool:
        if isinstance(item, Column):
            relation = self.after.relation(item.name)
            return relation is None or not item.local or relation.address in self.changes.made
        if isinstance(item, Constraint) and item.inherited:
            return item.index is None and not self._is_check_of_new_partition(item)
        if isinstance(item, Sequence):
            return item.internal
        return getattr(item, "inherited", False) or bool(isinstance(item, Index) and item.constraint)

    def _is_check_of_new_partition(self, item: Constraint) -> bool:
        """A partition must have its parent's checks, and its own keys, before it can be attached."""
        table = self.after.tables.get(item.name)
        is_new = table is not None and table.is_partition and table.address in self.changes.made
        return is_new and item.type != "foreign key"

    def _finish_filled(self, item: Column) -> None:
        if item.address in self.fills and _bare(item) != item:
            sql = columns.alter(_bare(item), item, self.context) or []
            self._add(Key(Verb.FINISH, item.address), sql, set())

    def _finish_new(self, item: CatalogObject) -> None:
        sql: list[str] = []
        if isinstance(item, Table):
            sql = relations.attach(item) if item.is_partition else []
            if item.replica_index:
                sql += relations.replica_identity(None, item)
        elif isinstance(item, Index):
            sql = parts.attach_index(item)
        elif isinstance(item, Constraint) and item.index:
            index = self.after.objects.get(Address(Kind.INDEX, item.index.schema, item.index.name))
            if isinstance(index, Index) and index.constraint == item.constraint:
                sql = parts.IndexWriter().owned_details(index, self.context) + parts.attach_index(index)
        elif isinstance(item, Sequence) and item.owned_by:
            sql = relations.own(item)
        if sql:
            self._add(Key(Verb.FINISH, item.address), sql, set())

    def _alter(self, address: Address) -> None:
        old, new = self.before.get(address), self.after.get(address)
        if isinstance(old, Publication) and isinstance(new, Publication):
            self._republish(old, new)
            return
        if address in self.fills and isinstance(old, Column) and isinstance(new, Column):
            self._alter_and_fill(old, new)
            return
        self._add(Key(Verb.MAKE, address), self.changes.altered[address], set())
        if isinstance(old, Table) and isinstance(new, Table):
            self._extra(address, relations.replica_identity(old, new))
        if isinstance(old, Sequence) and isinstance(new, Sequence) and old.owned_by != new.owned_by:
            self._extra(address, relations.own(new))

    def _retype_table(self, address: Address) -> None:
        table = self.after.objects.get(address)
        if isinstance(table, Table) and address not in self.changes.made:
            begin = f"ALTER TABLE {table.name.sql}"
            self._add(Key(Verb.DETACH, address), [f"{begin} NOT OF"], set())
            self._add(Key(Verb.FINISH, address), [f"{begin} OF {table.of_type}"], set())

    def _alter_and_fill(self, old: Column, new: Column) -> None:
        """A column whose old values come back: they need not survive the way through the cast."""
        if new.inherited and any(parent in self.fills for parent in same_in_parents(self.after, new.address)):
            return
        if new.column in self._key_columns(new):
            sql = columns.alter(old, new, self.context, retyped=True) or []
            self._add(Key(Verb.MAKE, new.address), sql, set())
            return
        sql = columns.alter(old, _bare(new), self.context, filled=True) or []
        self._add(Key(Verb.MAKE, new.address), sql, set())
        self._finish_filled(new)

    def _key_columns(self, column: Column) -> tuple[str, ...]:
        """The columns of a primary key that stays; they can never be NULL."""
        key = self.before.primary_key(column.name)
        return key.columns if key and key.address not in self.changes.dropped else ()

    def _extra(self, address: Address, sql: list[str]) -> None:
        if sql:
            self._add(Key(Verb.FINISH, address), sql, set())

    def _republish(self, old: Publication, new: Publication) -> None:
        away = {table for publication, table in self.changes.republished if publication == new.address}
        leaving = [entry.table.sql for entry in old.tables if entry.table in away]
        if leaving:
            sql = [f"ALTER PUBLICATION {new.address.sql} DROP TABLE {', '.join(leaving)}"]
            self._add(Key(Verb.DETACH, new.address), sql, set())
        rest = replace(old, tables=tuple(entry for entry in old.tables if entry.table not in away))
        sql = writer_for(new).alter(rest, new, self.context) or []
        if sql:
            self._add(Key(Verb.MAKE, new.address), sql, set())

    def late_default(self, address: Address) -> Key:
        """The operation that gives a column its default, apart from the column."""
        column = self.after.column(address.qualified, address.part)
        key = Key(Verb.MAKE, address)
        begin = f"ALTER TABLE {address.qualified.sql} ALTER COLUMN {quote(address.part)}"
        text = faithful(column.default or "NULL") if column else "NULL"
        self._add(key, [f"{begin} SET DEFAULT {text}"], set())
        return key

    def _move(self, address: Address) -> None:
        """Tie a table to other parents than before."""
        old, new = self.before.get(address), self.after.get(address)
        if not (isinstance(old, Table) and isinstance(new, Table)) or address in self.changes.made:
            return
        if (old.inherits, old.partition_bound) == (new.inherits, new.partition_bound):
            return
        apart = relations.detach(old) if old.is_partition else []
        tied = relations.attach(new) if new.is_partition else []
        if not old.is_partition:
            gone = [parent for parent in old.inherits if parent not in new.inherits]
            apart += [line for parent in gone for line in relations.inherit(new, parent, yes=False)]
        if not new.is_partition:
            come = [parent for parent in new.inherits if parent not in old.inherits or old.is_partition]
            tied += [line for parent in come for line in relations.inherit(new, parent, yes=True)]
        if apart:
            self._add(Key(Verb.DETACH, address), apart, set())
        if tied:
            self._add(Key(Verb.FINISH, address), tied, set())

    # What must come before what

    def _needs(self, key: Key) -> None:
        if key.verb in (Verb.DROP, Verb.DETACH):
            self._needs_of_removal(key)
        if key.verb is Verb.MAKE:
            self._needs_of_making(key)
        if key.verb in (Verb.FILL, Verb.FINISH):
            self._needs_of_finishing(key)

    def needs_again(self, key: Key) -> None:
        """Find the needs of an operation that was added late."""
        self._needs(key)

    def _needs_of_removal(self, key: Key) -> None:
        operation = self.operations[key]
        for removed in operation.removes | {key.address}:
            for needing in self.before.dependents.get(removed, ()):
                if needing not in operation.removes:
                    need(self.operations, key, self._releasing(needing), needing)

    def _releasing(self, address: Address) -> Iterator[Key]:
        """The operations after which an object no longer needs what it needed."""
        if address in self.removers:
            yield self.removers[address]
            return
        yield Key(Verb.DETACH, address)
        yield Key(Verb.MAKE, address)
        if address.kind is Kind.DEFAULT:
            yield Key(Verb.MAKE, replace(address, kind=Kind.COLUMN))

    def _needs_of_making(self, key: Key) -> None:
        address = key.address
        need(self.operations, key, [Key(Verb.DROP, address), Key(Verb.DETACH, address)], address)
        if address in self.removers and self.removers[address].verb is not Verb.FINISH:
            need(self.operations, key, [self.removers[address]], address)
        if address.kind is Kind.COLUMN:
            parents = same_in_parents(self.after, address)
            need(self.operations, key, [Key(Verb.MAKE, parent) for parent in parents], address)
        if address.kind is Kind.COLUMN and (home := self.after.relation(address.qualified)):
            need(self.operations, key, [Key(Verb.DETACH, home.address)], home.address)
        for needed in self._needed_by(key):
            need(self.operations, key, self._making(needed), needed)
        for table in first_of_all(address, self.before, self.after):
            need(self.operations, key, [Key(Verb.MAKE, table)], table)
        for occupant in self._occupants(address):
            need(self.operations, key, [self.removers[occupant]], occupant)
        if address in self.changes.altered:
            for needing in self.before.dependents.get(address, ()):
                if needing in self.removers:
                    need(self.operations, key, [self.removers[needing]], needing)

    def _needed_by(self, key: Key) -> set[Address]:
        address = key.address
        found = set(self.after.depends.get(address, ()))
        item = self.after.get(address)
        if isinstance(item, Relation) and (address in self.changes.made or not isinstance(item, Table)):
            for column in item.columns:
                found |= self._needed_by_column(column.address)
        elif isinstance(item, Column):
            found |= self._needed_by_column(address)
        elif isinstance(item, Plain | Domain):
            found.discard(address)
        return {one for one in found if one != address}

    def _needed_by_column(self, column: Address) -> set[Address]:
        found = set(self.after.depends.get(column, ()))
        default = replace(column, kind=Kind.DEFAULT)
        if Key(Verb.MAKE, default) not in self.operations:
            found |= self.after.depends.get(default, frozenset())
        own = RELATIONS | PARTS
        return {one for one in found if one.kind not in own or one.qualified != column.qualified}

    def _making(self, address: Address) -> list[Key]:
        """The operations after which an object is there, and has its rows."""
        home = self.after.relation(address.qualified) if address.kind in (Kind.COLUMN, Kind.DEFAULT) else None
        keys = [Key(verb, address) for verb in (Verb.MAKE, Verb.FILL)]
        if address.kind is Kind.COLUMN:
            keys += [Key(Verb.FILL, one) for one in self._filled_with(address)]
            keys.append(Key(Verb.FINISH, address))
        if home is not None:
            keys += [Key(Verb.MAKE, home.address), Key(Verb.FILL, home.address)]
        item = self.after.objects.get(address)
        if isinstance(item, Index) and item.constraint:
            owner = Address(Kind.CONSTRAINT, item.table.schema, item.table.name, item.constraint)
            keys.append(Key(Verb.MAKE, owner))
        return keys

    def _occupants(self, address: Address) -> Iterator[Address]:
        """What is removed and bears the name that is wanted now."""
        return (one for one in self._removed_names.get(_space(address), ()) if one != address)

    @property
    def _removed_names(self) -> dict[object, list[Address]]:
        if not hasattr(self, "_names"):
            self._names: dict[object, list[Address]] = defaultdict(list)
            for address in self.removers:
                self._names[_space(address)].append(address)
        return self._names

    def _needs_of_finishing(self, key: Key) -> None:
        address = key.address
        before = [Key(Verb.MAKE, address), Key(Verb.DETACH, address)]
        if key.verb is Verb.FINISH:
            before += [Key(Verb.FILL, one) for one in self._filled_with(address)]
        need(self.operations, key, before, address)
        for needed in self._needed_to_finish(key):
            need(self.operations, key, self._making(needed), needed)

    def _needed_to_finish(self, key: Key) -> Iterable[Address]:
        address = key.address
        item = self.after.get(address)
        if key.verb is Verb.FILL and isinstance(item, Sequence) and item.owned_by:
            return [address, Address(Kind.COLUMN, *item.owned_by)]
        if key.verb is Verb.FILL:
            return [*self._filled_with(address), *same_in_parents(self.after, address)]
        if address in self.changes.dropped and self._exchanged(address):
            return list(self._retyped_by(address))
        if isinstance(item, Table) and address in self.changes.untyped:
            return [column.address for column in item.columns] + list(self.after.depends.get(address, ()))
        if isinstance(item, Table):
            own = [part.address for part in self.after.parts(item.name) if not isinstance(part, View)]
            family = [Address(Kind.TABLE, parent.schema, parent.name) for parent in item.inherits]
            return [*own, *family, *self._keys_of(item.inherits)]
        if isinstance(item, Sequence) and item.owned_by:
            return [Address(Kind.COLUMN, *item.owned_by)]
        if isinstance(item, Index | Constraint):
            return self.after.depends.get(address, frozenset()) | {address, *self._parent_index(item)}
        return [address]

    def _filled_with(self, address: Address) -> list[Address]:
        """Columns of one table are filled together, when all of them are there."""
        if address.kind is not Kind.COLUMN:
            return [address]
        return [
            one for one in self.fills if one.kind is Kind.COLUMN and one.qualified == address.qualified
        ] or [address]

    def _keys_of(self, tables: Iterable[QualifiedName]) -> Iterator[Address]:
        """Indexes and index constraints of parents; a partition's own are matched to them when it is attached."""
        for name in tables:
            for part in self.after.parts(name):
                if isinstance(part, Index) or (isinstance(part, Constraint) and part.index):
                    yield part.address

    def _parent_index(self, item: Index | Constraint) -> Iterator[Address]:
        name = item.index if isinstance(item, Constraint) else item.name
        index = self.after.objects.get(Address(Kind.INDEX, name.schema, name.name)) if name else None
        if isinstance(index, Index) and index.parent:
            yield Address(Kind.INDEX, index.parent.schema, index.parent.name)
            yield Address(Kind.TABLE, index.table.schema, index.table.name)


def _bare(column: Column) -> Column:
    """A column that may be filled with anything: what it insists on comes back afterwards."""
    return replace(
        column, not_null=False, not_null_name=None, not_null_comment=None, not_null_valid=True, identity=None
    )


def _space(address: Address) -> object:
    """Addresses with the same space and name cannot stand side by side."""
    if address.kind in RELATIONS | {Kind.TYPE, Kind.DOMAIN}:
        return ("relation", address.schema, address.name)
    if address.kind in ROUTINES:
        return ("routine", address.schema, address.name, address.part)
    if address.kind is Kind.CONSTRAINT:
        return ("constraint", address.schema, address.name, address.part)
    return address
