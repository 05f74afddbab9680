"""The in-memory catalog: what the replayed statements have made, under the protocol of ``analysis/view.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

from lockgate.analysis.state import names
from lockgate.analysis.state.columns import ColumnSpec, read_column
from lockgate.analysis.state.links import Links
from lockgate.analysis.state.privileges import Privileges
from lockgate.analysis.state.store import Store, UndoLog
from lockgate.analysis.view import (
    Column,
    Constraint,
    Domain,
    Function,
    Index,
    Publication,
    Relation,
    TypeRef,
    UserType,
)
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace, value

V = TypeVar("V")

Rows = Literal["few", "many"]
"""What the migration put into a table: a few literal rows, or as many as a query gives."""

TEMPORARY = "pg_temp"

_UNKNOWN = object()


@value(frozen=True, slots=True)
class Birth:
    """Where something was made: file and statement by number, and the transaction that commits it."""

    unit: int
    statement: int
    transaction: int


@value(frozen=True, slots=True)
class Extension:
    """An extension and the schema that it was put into (empty: the search path decided)."""

    name: str
    schema: str = ""


def no_setting(name: str) -> str | None:
    """A session of which nothing is known."""
    return None


class Catalog:
    """A schema under construction. Values are frozen; the catalog swaps them and can go back to a mark."""

    def __init__(self, setting: Callable[[str], str | None] = no_setting, major: int = 17) -> None:
        self.major = major
        self.log = UndoLog()
        self.links = Links()
        self.privileges = Privileges(self.log)
        self._setting = setting
        self._relations: Store[QualifiedName, Relation] = Store(self.log, self.links.update)
        self._domains: Store[QualifiedName, Domain] = Store(self.log)
        self._types: Store[QualifiedName, UserType] = Store(self.log)
        self._functions: Store[QualifiedName, tuple[Function, ...]] = Store(self.log)
        self._publications: Store[str, Publication] = Store(self.log)
        self.extensions: Store[str, Extension] = Store(self.log)
        self.schemas: Store[str, str] = Store(self.log)
        self.births: Store[tuple[Any, ...], Birth] = Store(self.log)
        self.rows: Store[QualifiedName, Rows] = Store(self.log)
        self.comments: Store[tuple[str, str], str] = Store(self.log)
        self.dropped: Store[tuple[str, QualifiedName], Any] = Store(self.log)
        self.has_temporary = False
        self.now = Birth(-1, 0, 0)  # what a platform brings along is older than the first file
        self._made: dict[str, dict[tuple[Any, ...], None]] = {}
        self._fresh: list[tuple[Store[Any, Any], Any]] = []
        self._paths: dict[str, tuple[str, ...]] = {}
        self._specs: dict[int, ColumnSpec] = {}

    # Places in time

    def begin_unit(self, number: int) -> None:
        """Begin a file: whatever the file before created is not new any more."""
        for store, key in self._fresh:
            value = store.get(key)
            if value is not None:
                store.restore(key, _aged(value))
        self._fresh.clear()
        self.log.clear()
        self.rows = Store(self.log)
        self.dropped = Store(self.log)
        self._made = {}
        self.now = Birth(number, 0, 0)

    def at(self, statement: int, transaction: int) -> None:
        """Say which statement and transaction the next changes belong to."""
        self.now = Birth(self.now.unit, statement, transaction)
        self._specs.clear()

    def remember(self, *key: Any) -> None:
        """Note that something was made just now, under a key such as ``("constraint", table, name)``."""
        self.births.put(key, self.now)
        self._made.setdefault(key[0], {})[key] = None

    def forget(self, kind: str, name: QualifiedName, was: Any) -> None:
        """Note that this file dropped something, with what it was (None when that is not known)."""
        self.dropped.put((kind, name), was or _UNKNOWN)

    def gone(self, kind: str) -> Iterator[tuple[QualifiedName, Any]]:
        """What this file has dropped so far of a kind: names with what they were, None when that is not known."""
        for (found, name), was in self.dropped.items():
            if found == kind:
                yield name, (None if was is _UNKNOWN else was)

    def made(self, kind: str) -> Iterator[tuple[Any, ...]]:
        """What this file has made so far of a kind (the first word of the key), in order, without that word."""
        for key in tuple(self._made.get(kind, ())):
            birth = self.births.get(key)
            if birth is not None and birth.unit == self.now.unit:
                yield key[1:]

    def birth(self, *key: Any) -> Birth | None:
        """Where something was made, or None when that was not seen."""
        return self.births.get(key)

    # The protocol

    @property
    def search_path(self) -> tuple[str, ...]:
        """The schemas in which unqualified names are looked up."""
        raw = self._setting("search_path")
        if raw is None:
            return ("public",)
        path = self._paths.get(raw)
        if path is None:
            path = self._paths[raw] = _split_path(raw)
        return path

    def setting(self, name: str) -> str | None:
        """A run-time parameter as far as it is known."""
        return self._setting(name)

    def relation(self, schema: str, name: str) -> Relation | None:
        """A table, view, materialized view, foreign table, sequence or composite type."""
        found = self.links.by_pair.get
        if schema:
            return found((schema, name))
        for candidate in self._schemas_to_search:
            relation = found((candidate, name))
            if relation is not None:
                return relation
        return None

    @property
    def _schemas_to_search(self) -> tuple[str, ...]:
        """The search path, with the schema of temporary tables in front where there is one."""
        return (TEMPORARY, *self.search_path) if self.has_temporary else self.search_path

    def index(self, schema: str, name: str) -> Index | None:
        """An index, wherever its table is."""
        for candidate in (schema,) if schema else self._schemas_to_search:
            wanted = QualifiedName(candidate, name)
            table = self.links.table_of_index.get(wanted)
            relation = self._relations.get(table) if table else None
            if relation is not None:
                return next((index for index in relation.indexes if index.name == wanted), None)
        return None

    def domain(self, schema: str, name: str) -> Domain | None:
        """A domain."""
        return self._lookup(self._domains, schema, name)

    def user_type(self, schema: str, name: str) -> UserType | None:
        """An enum, range or base type."""
        return self._lookup(self._types, schema, name)

    def functions(self, schema: str, name: str) -> tuple[Function, ...]:
        """All user functions of a name."""
        return self._lookup(self._functions, schema, name) or ()

    def publication(self, name: str) -> Publication | None:
        """A publication."""
        return self._publications.get(name)

    def children(self, relation: QualifiedName) -> tuple[QualifiedName, ...]:
        """The direct partitions or inheritance children of a table."""
        return tuple(self.links.children.get(relation, ()))

    def referencing(self, relation: QualifiedName) -> tuple[tuple[QualifiedName, Constraint], ...]:
        """The foreign keys that point to a table."""
        return tuple(
            (name, constraint)
            for name in self.links.referencing.get(relation, ())
            for constraint in self.known(name).constraints
            if constraint.references == relation
        )

    def readers(self, relation: QualifiedName) -> tuple[QualifiedName, ...]:
        """The views whose query names a relation directly."""
        return tuple(self.links.readers.get(relation, ()))

    def type_users(self, type_name: QualifiedName) -> tuple[tuple[QualifiedName, str], ...]:
        """The columns of a type or domain, of arrays of it, and of domains over it."""
        wanted = {type_name, *self._domains_over(type_name)}
        tables = {table: None for name in wanted for table in self.links.typed.get(name, ())}
        return tuple(
            (table, column.name)
            for table in tables
            for column in self.known(table).columns
            if column.type.name in wanted
        )

    def relations(self) -> Iterable[Relation]:
        """Every relation."""
        return self._relations.values()

    # Further questions

    def known(self, name: QualifiedName) -> Relation:
        """The relation of that name, or one of which only the name is known."""
        return self._relations.get(name) or Relation(name, partial=True)

    def descendants(self, name: QualifiedName) -> Iterator[QualifiedName]:
        """All partitions and inheritance children, however deep, each once."""
        seen = {name}
        queue = list(self.links.children.get(name, ()))
        while queue:
            child = queue.pop(0)
            if child not in seen:
                seen.add(child)
                yield child
                queue += self.links.children.get(child, ())

    def is_below(self, name: QualifiedName, table: QualifiedName) -> bool:
        """Whether a table is another one or its descendant: the server refuses to make it the parent then."""
        return name == table or name in self.descendants(table)

    def relation_name(self, schema: str, name: str) -> QualifiedName:
        """The qualified name that a mention of a relation means; an unknown one is put where it would be made."""
        if schema:
            return QualifiedName(schema, name)
        found = self.relation("", name)
        if found is not None:
            return found.name
        if name[:3] == "pg_":
            return QualifiedName(names.PG_CATALOG, name)
        return self.new_name("", name)

    def is_relation(self, schema: str, name: str) -> bool:
        """Whether a relation or an index of that name is there, so that no other one can get it."""
        return (schema, name) in self.links.by_pair or QualifiedName(
            schema, name
        ) in self.links.table_of_index

    def is_constraint(self, schema: str, name: str) -> bool:
        """Whether a constraint of that name is in the schema, so that no generated name will be that one."""
        return bool(self.links.constrained.get((schema, name)))

    def is_taken_for_key(self, schema: str, name: str) -> bool:
        """Whether a name is not free for a constraint with an index behind it."""
        return self.is_relation(schema, name) or self.is_constraint(schema, name)

    def new_name(self, schema: str, name: str) -> QualifiedName:
        """The qualified name that an object made under that name gets."""
        return QualifiedName(schema or next(iter(self.search_path), "public"), name)

    def resolve_type(self, node: Node) -> TypeRef:
        """A ``TypeName`` with its user-defined name resolved; an unknown one keeps an empty schema."""
        ref = names.type_ref(node)
        if ref.name.schema:
            return ref
        name = ref.name.name
        found = self.domain("", name) or self.user_type("", name) or self.relation("", name)
        return replace(ref, name=found.name) if found is not None else ref

    def column_spec(self, node: Node) -> ColumnSpec:
        """A ``ColumnDef`` node, read as the present statement means it; the rules and the replay read it once."""
        found = self._specs.get(id(node))
        if found is None:
            # The spec holds its node, so that no other one can get the same id meanwhile.
            found = self._specs[id(node)] = read_column(node, self.relation_name, self.resolve_type)
        return found

    def base_type(self, ref: TypeRef) -> TypeRef:
        """The type below all domains."""
        domain = self._domains.get(ref.name)
        while domain is not None:
            ref = TypeRef(domain.base.name, domain.base.modifiers, ref.array or domain.base.array)
            domain = self._domains.get(ref.name)
        return ref

    def domain_chain(self, ref: TypeRef) -> Iterator[Domain]:
        """The domain of a type and the domains below it; nothing for an array of a domain."""
        domain = None if ref.array else self._domains.get(ref.name)
        while domain is not None:
            yield domain
            domain = self._domains.get(domain.base.name)

    def domains(self) -> list[Domain]:
        """Every domain."""
        return self._domains.values()

    def user_types(self) -> list[UserType]:
        """Every enum, range and base type."""
        return self._types.values()

    def named_types(self) -> list[QualifiedName]:
        """The names of every domain, enum, range and base type."""
        return [*self._domains, *self._types]

    def all_functions(self) -> list[Function]:
        """Every user function."""
        return [function for group in self._functions.values() for function in group]

    def publications(self) -> list[Publication]:
        """Every publication."""
        return self._publications.values()

    # Changes

    def put_relation(self, relation: Relation) -> None:
        """Add a relation made just now."""
        self.has_temporary = self.has_temporary or relation.name.schema == TEMPORARY
        self._relations.put(relation.name, relation)
        self._fresh.append((self._relations, relation.name))
        self.remember("relation", relation.name)

    def change(self, name: QualifiedName, **changes: Any) -> None:
        """Replace parts of a relation; one that is not known yet becomes known by name."""
        self._relations.put(name, replace(self.known(name), **changes))

    def rename_relation(self, old: QualifiedName, new: QualifiedName) -> None:
        """Move a relation to another name or schema and let everything that refers to it follow."""
        relation = self._relations.get(old)
        if relation is None:
            return
        self._relations.remove(old)
        indexes = tuple(replace(index, table=new) for index in relation.indexes)
        self._relations.put(new, replace(relation, name=new, indexes=indexes))
        self._fresh.append((self._relations, new))
        self.remember("moved", new)
        for kind in (self.rows, self.privileges.relations):
            _move(kind, old, new)
        self._follow_rename(old, new)

    def drop_relation(self, name: QualifiedName) -> None:
        """Forget a relation and the sequences that it owns."""
        for sequence in tuple(self.links.owned.get(name, ())):
            self._relations.remove(sequence)
        self._relations.remove(name)
        self.rows.remove(name)
        self.privileges.relations.remove(name)

    def put_domain(self, domain: Domain) -> None:
        """Add or replace a domain."""
        self._note(self._domains, domain.name, "domain")
        self._domains.put(domain.name, domain)

    def put_type(self, user_type: UserType) -> None:
        """Add or replace a type."""
        self._note(self._types, user_type.name, "type")
        self._types.put(user_type.name, user_type)

    def put_functions(self, name: QualifiedName, group: tuple[Function, ...]) -> None:
        """Set all functions of a name; an empty group forgets it."""
        if not group:
            self._functions.remove(name)
            return
        self._note(self._functions, name, "function")
        self._functions.put(name, group)

    def put_publication(self, publication: Publication) -> None:
        """Add or replace a publication."""
        self._publications.put(publication.name, publication)

    def drop_type(self, name: QualifiedName) -> None:
        """Forget a type or a domain."""
        self._domains.remove(name)
        self._types.remove(name)

    def drop_publication(self, name: str) -> None:
        """Forget a publication."""
        self._publications.remove(name)

    def _note(self, store: Store[Any, Any], key: QualifiedName, kind: str) -> None:
        if key not in store:
            self.remember(kind, key)
        self._fresh.append((store, key))

    def _lookup(self, store: Store[QualifiedName, V], schema: str, name: str) -> V | None:
        for candidate in (schema,) if schema else self.search_path:
            found = store.get(QualifiedName(candidate, name))
            if found is not None:
                return found
        return None

    def _domains_over(self, name: QualifiedName) -> Iterator[QualifiedName]:
        for domain in self._domains.values():
            if domain.base.name == name:
                yield domain.name
                yield from self._domains_over(domain.name)

    def _follow_rename(self, old: QualifiedName, new: QualifiedName) -> None:
        for child in self.children(old):
            parents = tuple(new if parent == old else parent for parent in self.known(child).parents)
            self.change(child, parents=parents)
        for table, _ in self.referencing(old):
            self.change(table, constraints=_repointed(self.known(table).constraints, old, new))
        for view in self.readers(old):
            reader = self.known(view)
            self.change(
                view,
                reads=tuple(new if name == old else name for name in reader.reads),
                uses=frozenset((new if name == old else name, column) for name, column in reader.uses),
            )
        for sequence in tuple(self.links.owned.get(old, ())):
            owner = self.known(sequence).owned_by
            self.change(sequence, owned_by=(new, owner[1]) if owner else None)


def with_column(columns: tuple[Column, ...], column: Column) -> tuple[Column, ...]:
    """The columns with one of them replaced, or added behind."""
    if any(present.name == column.name for present in columns):
        return tuple(column if present.name == column.name else present for present in columns)
    return (*columns, column)


def _repointed(
    constraints: tuple[Constraint, ...], old: QualifiedName, new: QualifiedName
) -> tuple[Constraint, ...]:
    return tuple(
        replace(constraint, references=new) if constraint.references == old else constraint
        for constraint in constraints
    )


def _aged(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(replace(item, is_new=False) for item in value)
    return replace(value, is_new=False)


def _move(store: Store[QualifiedName, Any], old: QualifiedName, new: QualifiedName) -> None:
    value = store.get(old)
    if value is not None:
        store.remove(old)
        store.put(new, value)


def _split_path(raw: str) -> tuple[str, ...]:
    parts = [part.strip().strip('"') for part in raw.split(",")]
    return tuple(part for part in parts if part and part not in ("$user", names.PG_CATALOG, TEMPORARY))
