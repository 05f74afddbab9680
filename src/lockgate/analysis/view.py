"""What the analysis may ask about the schema that a statement meets: frozen values and one narrow protocol.

Two things fill it: the replay of the migrations before a file (``analysis/state``), and a live catalog. Whoever asks
must bear a ``None`` or an empty tuple: of a relation that nothing is known about, only the name is known.

Expressions are parse trees (``lockgate.sql.parse.Node``), so that equal ones compare equal after
``without_locations``. Names are resolved: nothing in here depends on ``search_path`` any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import value

RelationKind = Literal[
    "table",
    "partitioned table",
    "view",
    "materialized view",
    "foreign table",
    "sequence",
    "composite type",
]
ConstraintKind = Literal["primary key", "unique", "check", "foreign key", "exclude", "not null", "trigger"]
Generated = Literal["", "stored", "virtual"]
Volatility = Literal["immutable", "stable", "volatile"]
PartitionStrategy = Literal["range", "list", "hash"]


@value(frozen=True, slots=True)
class TypeRef:
    """A type with its modifiers: ``varchar(20)`` is ``pg_catalog.varchar`` with ``(20,)``.

    Built-in names are the catalog's (``int4``, ``bpchar``, ``timestamptz``); ``array`` is true for any dimension.
    """

    name: QualifiedName
    modifiers: tuple[int, ...] = ()
    array: bool = False


@value(frozen=True, slots=True)
class Column:
    """A column. ``type`` may name a domain; ``default`` is also the expression of a generated column.

    ``own_not_null`` says that a child column is NOT NULL by itself, and stays it when its parent's no longer is (18).
    """

    name: str
    type: TypeRef
    not_null: bool = False
    default: Node | None = None
    generated: Generated = ""
    identity: bool = False
    collation: str = ""
    storage: str = ""
    inherited: bool = False
    own_not_null: bool = False


@value(frozen=True, slots=True)
class Constraint:
    """A constraint of a table or of a domain.

    ``valid`` is false after NOT VALID until VALIDATE; ``index`` is the index behind a key; ``references`` and
    ``referenced_columns`` belong to foreign keys; ``expression`` to checks.
    """

    name: str
    kind: ConstraintKind
    columns: tuple[str, ...] = ()
    expression: Node | None = None
    valid: bool = True
    enforced: bool = True
    index: QualifiedName | None = None
    references: QualifiedName | None = None
    referenced_columns: tuple[str, ...] = ()
    on_delete: str = ""
    on_update: str = ""
    deferrable: bool = False
    no_inherit: bool = False
    inherited: bool = False


@value(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column, or an expression; empty ``opclass`` and ``collation`` mean the default.

    ``order`` is what differs from ascending with nulls last (``desc``, ``desc nulls last``, ``nulls first``).
    """

    column: str = ""
    expression: Node | None = None
    opclass: str = ""
    collation: str = ""
    order: str = ""


@value(frozen=True, slots=True)
class Index:
    """An index; ``parent`` is the partitioned index that it is attached to, ``constraint`` what it stands behind.

    ``clustered`` marks the index that CLUSTER without a name goes by. ``labels`` are what the index calls its columns,
    where they are called otherwise by now.
    """

    name: QualifiedName
    table: QualifiedName
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    unique: bool = False
    primary: bool = False
    method: str = "btree"
    predicate: Node | None = None
    valid: bool = True
    constraint: str = ""
    parent: QualifiedName | None = None
    partitioned: bool = False
    tablespace: str = ""
    clustered: bool = False
    labels: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class Trigger:
    """A trigger that a user made (those of foreign keys are not listed)."""

    name: str
    function: QualifiedName
    events: frozenset[str] = frozenset()
    timing: str = ""
    for_each_row: bool = False
    enabled: bool = True
    inherited: bool = False


@value(frozen=True, slots=True)
class Policy:
    """A row security policy; ``command`` is ``all``, ``select``, ``insert``, ``update`` or ``delete``."""

    name: str
    command: str = "all"
    roles: tuple[str, ...] = ("public",)
    permissive: bool = True
    using: Node | None = None
    check: Node | None = None


@value(frozen=True, slots=True)
class PartitionKey:
    """How a partitioned table divides its rows; a key is a column or an expression."""

    strategy: PartitionStrategy
    keys: tuple[IndexKey, ...]


@value(frozen=True, slots=True)
class PartitionBound:
    """The bound of a partition as its parse tree (the inside of ``PartitionBoundSpec``)."""

    spec: Node
    default: bool = False


@value(frozen=True, slots=True)
class Relation:
    """A table, view, materialized view, foreign table, sequence or composite type.

    ``parents`` holds the partitioned table of a partition, or the parents of INHERITS. ``reads`` holds what the query
    of a view names directly, ``uses`` the columns of those that it cannot do without. ``owned_by`` is the (table,
    column) of a sequence. ``is_new`` means that the migration under examination created it, so that nobody else can be
    waiting for it. ``partial`` means that only statements about the relation were seen, not the one that made it: what
    is not listed here may exist all the same.
    """

    name: QualifiedName
    kind: RelationKind = "table"
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    rules: tuple[str, ...] = ()
    statistics: tuple[QualifiedName, ...] = ()
    parents: tuple[QualifiedName, ...] = ()
    partition_key: PartitionKey | None = None
    partition_bound: PartitionBound | None = None
    reads: tuple[QualifiedName, ...] = ()
    uses: frozenset[tuple[QualifiedName, str]] = frozenset()
    query: Node | None = None
    owned_by: tuple[QualifiedName, str] | None = None
    of_type: QualifiedName | None = None
    is_new: bool = False
    partial: bool = False
    persistence: Literal["permanent", "unlogged", "temporary"] = "permanent"
    row_security: bool = False
    force_row_security: bool = False
    access_method: str = "heap"
    tablespace: str = ""
    owner: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    def constraint(self, name: str) -> Constraint | None:
        """The constraint of that name."""
        return next((constraint for constraint in self.constraints if constraint.name == name), None)

    @property
    def is_partition(self) -> bool:
        """Whether the table is attached to a partitioned one."""
        return self.partition_bound is not None


@value(frozen=True, slots=True)
class Domain:
    """A domain; ``base`` may be another domain; a NOT NULL is in ``not_null``, not in ``constraints``."""

    name: QualifiedName
    base: TypeRef
    constraints: tuple[Constraint, ...] = ()
    not_null: bool = False
    default: Node | None = None
    collation: str = ""
    is_new: bool = False


@value(frozen=True, slots=True)
class UserType:
    """A type that is no domain: an enum with its labels, a composite, a range, or a base type."""

    name: QualifiedName
    kind: Literal["enum", "composite", "range", "base"] = "base"
    labels: tuple[str, ...] = ()
    is_new: bool = False


@value(frozen=True, slots=True)
class Function:
    """A function or procedure of the user's; ``body`` is its source text, empty when it is not known.

    ``bound`` tells that the body is no text for the server: what it names is known, and follows when it is renamed.
    """

    name: QualifiedName
    argument_types: tuple[TypeRef, ...] = ()
    returns: TypeRef | None = None
    kind: Literal["function", "procedure", "aggregate", "window"] = "function"
    volatility: Volatility = "volatile"
    language: str = "sql"
    body: str = ""
    bound: bool = False
    strict: bool = False
    security_definer: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    returns_set: bool = False
    is_new: bool = False


@value(frozen=True, slots=True)
class Publication:
    """A publication and the tables that it lists by name."""

    name: str
    tables: tuple[QualifiedName, ...] = ()
    all_tables: bool = False
    schemas: tuple[str, ...] = ()


class StateView(Protocol):
    """The schema as one statement meets it; every lookup is free of side effects and cheap.

    A ``schema`` of ``""`` means that the SQL did not say one: the search path decides. A lookup that finds nothing
    returns None or an empty tuple; it never raises.
    """

    @property
    def search_path(self) -> tuple[str, ...]:
        """The schemas in which unqualified names are looked up; the first is where new objects go."""
        ...

    def setting(self, name: str) -> str | None:
        """A run-time parameter as far as it is known (``timezone``), its name in lower case."""
        ...

    def relation(self, schema: str, name: str) -> Relation | None:
        """A table, view, materialized view, foreign table, sequence or composite type."""
        ...

    def index(self, schema: str, name: str) -> Index | None:
        """An index; its table is ``index.table``."""
        ...

    def domain(self, schema: str, name: str) -> Domain | None:
        """A domain."""
        ...

    def user_type(self, schema: str, name: str) -> UserType | None:
        """A type of the user's that is no domain and no row type of a table."""
        ...

    def functions(self, schema: str, name: str) -> tuple[Function, ...]:
        """All user functions of that name, whatever their arguments; built-in ones are not asked for."""
        ...

    def publication(self, name: str) -> Publication | None:
        """A publication."""
        ...

    def children(self, relation: QualifiedName) -> tuple[QualifiedName, ...]:
        """The direct partitions or inheritance children of a table."""
        ...

    def referencing(self, relation: QualifiedName) -> tuple[tuple[QualifiedName, Constraint], ...]:
        """The foreign keys that point to a table, each with the table that has it."""
        ...

    def readers(self, relation: QualifiedName) -> tuple[QualifiedName, ...]:
        """The views and materialized views whose query names a relation directly."""
        ...

    def type_users(self, type_name: QualifiedName) -> tuple[tuple[QualifiedName, str], ...]:
        """The (relation, column) pairs whose type is a type or domain, or an array of it; domains over it count."""
        ...

    def relations(self) -> Iterable[Relation]:
        """Every relation; for questions that no other lookup answers (DROP SCHEMA, DROP FUNCTION … CASCADE)."""
        ...
