"""What a snapshot holds: one frozen class per kind of object.

Only what ``pg_dump`` would carry over is compared. Fields marked ``compare=False`` (oids, sizes) help to recognise and
to weigh an object, they never make two objects different. Definitions are the server's own texts, qualified, because
they are read under an empty ``search_path``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from lockgate.catalog.address import Address, Grant, Kind, Label
from lockgate.sql.identifiers import QualifiedName

Options = tuple[tuple[str, str], ...]
"""Storage parameters or FDW options, sorted by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogObject:
    """What all objects have. ``grants`` is None where the built-in default privileges hold.

    ``oid`` is 0 where it is unknown; ``extension`` names the extension that the object belongs to.
    """

    address: Address
    owner: str | None = None
    grants: tuple[Grant, ...] | None = None
    comment: str | None = None
    labels: tuple[Label, ...] = ()
    extension: str | None = None
    oid: int = field(default=0, compare=False, repr=False)

    @property
    def kind(self) -> Kind:
        """The kind of the address."""
        return self.address.kind

    @property
    def name(self) -> QualifiedName:
        """Schema and name of the object, or of the relation that it is a part of."""
        return self.address.qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(CatalogObject):
    """A schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The sequence behind an identity or serial column, or a sequence of its own."""

    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(CatalogObject):
    """A column of a relation or an attribute of a composite type.

    ``collation``, ``storage`` and ``compression`` are None where they are what the type says; ``identity`` is
    ``ALWAYS`` or ``BY DEFAULT``; ``generated`` is ``stored`` or ``virtual``, its expression then stands in ``default``.
    ``not_null_name`` is the name of the constraint on PostgreSQL 18, None when it is the one the server would choose.
    ``position`` is ``attnum``: it tells the order, is never compared, and has gaps where columns were dropped.
    """

    column: str
    type: str
    position: int = field(default=0, compare=False)
    collation: str | None = None
    not_null: bool = False
    not_null_name: str | None = None
    not_null_valid: bool = True
    not_null_no_inherit: bool = False
    not_null_comment: str | None = None
    default: str | None = None
    identity: str | None = None
    generated: str | None = None
    storage: str | None = None
    compression: str | None = None
    statistics: int | None = None
    options: Options = ()
    fdw_options: Options = ()
    local: bool = True
    inherited: int = 0
    type_oid: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(CatalogObject):
    """Whatever has columns; they stand in the server's order."""

    columns: tuple[Column, ...] = ()
    type_oid: int = field(default=0, compare=False, repr=False)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.column == name), None)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(column.column for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Relation):
    """A table, partitioned table, partition or foreign table.

    ``partition_key`` is what stands behind PARTITION BY; ``inherits`` names the parents in order, also a partition's;
    ``partition_bound`` is set for an attached partition. ``replica_identity`` is ``default``, ``nothing``, ``full`` or
    ``index`` (then ``replica_index`` names it). ``rows`` and ``bytes`` are the planner's estimates, -1 when unknown.
    """

    persistence: str = "permanent"
    partition_key: str | None = None
    partition_bound: str | None = None
    inherits: tuple[QualifiedName, ...] = ()
    of_type: str | None = None
    access_method: str | None = None
    tablespace: str | None = None
    options: Options = ()
    replica_identity: str = "default"
    replica_index: str | None = None
    row_security: bool = False
    force_row_security: bool = False
    server: str | None = None
    fdw_options: Options = ()
    rows: int = field(default=-1, compare=False)
    bytes: int = field(default=-1, compare=False)

    @property
    def is_partition(self) -> bool:
        """Whether it is attached to a partitioned table."""
        return self.partition_bound is not None

    @property
    def is_partitioned(self) -> bool:
        """Whether it is the parent of partitions."""
        return self.partition_key is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Relation):
    """A view or a materialised view; ``definition`` is the query without a semicolon."""

    definition: str
    options: Options = ()
    access_method: str | None = None
    tablespace: str | None = None
    populated: bool = True
    rows: int = field(default=-1, compare=False)
    bytes: int = field(default=-1, compare=False)

    @property
    def materialized(self) -> bool:
        """Whether its rows are stored."""
        return self.kind is Kind.MATERIALIZED_VIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeType(Relation):
    """A free-standing composite type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(CatalogObject):
    """A constraint of a table or a domain, NOT NULL apart.

    ``type`` is ``check``, ``foreign key``, ``primary key``, ``unique`` or ``exclude``; ``definition`` is the server's
    text with ``NOT VALID`` and the like. ``inherited`` tells that it came from a parent and goes with it, ``index`` is
    the index that it owns.
    """

    type: str
    definition: str
    validated: bool = True
    deferrable: bool = False
    deferred: bool = False
    enforced: bool = True
    no_inherit: bool = False
    inherited: bool = False
    columns: tuple[str, ...] = ()
    references: QualifiedName | None = None
    referenced_columns: tuple[str, ...] = ()
    on_update: str | None = None
    on_delete: str | None = None
    index: QualifiedName | None = None

    @property
    def constraint(self) -> str:
        """The constraint's own name."""
        return self.address.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(CatalogObject):
    """An index; ``definition`` is the whole CREATE INDEX. ``constraint`` names the constraint that owns it.

    ``statistics`` holds (column number, target); ``parent`` is the index of the partitioned table that it belongs to.
    """

    table: QualifiedName
    definition: str
    method: str
    unique: bool = False
    primary: bool = False
    valid: bool = True
    ready: bool = field(default=True, compare=False)
    clustered: bool = False
    replica_identity: bool = field(default=False, compare=False)
    nulls_not_distinct: bool = False
    columns: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    has_expressions: bool = False
    predicate: str | None = None
    options: Options = ()
    tablespace: str | None = None
    statistics: tuple[tuple[int, int], ...] = ()
    constraint: str | None = None
    parent: QualifiedName | None = None
    bytes: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(CatalogObject):
    """A sequence; ``owned_by`` is (schema, table, column). ``internal`` ones serve an identity column."""

    numbers: Identity
    owned_by: tuple[str, str, str] | None = None
    internal: bool = False
    persistence: str = "permanent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine(CatalogObject):
    """A function, procedure or aggregate; ``definition`` is the whole CREATE OR REPLACE (CREATE for aggregates).

    ``signature`` is ``arguments`` without default values; ``defaults`` counts those.
    """

    definition: str
    language: str
    arguments: str = ""
    signature: str = ""
    defaults: int = 0
    returns: str | None = None
    body: str | None = field(default=None, repr=False)
    volatility: str = "volatile"
    parallel: str = "unsafe"
    strict: bool = False
    leakproof: bool = False
    security_definer: bool = False
    settings: tuple[str, ...] = ()
    cost: float = 100
    rows: float = 0
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(CatalogObject):
    """A trigger; ``enabled`` is ``origin``, ``disabled``, ``replica`` or ``always``.

    ``inherited`` ones were cloned from the partitioned table's.
    """

    definition: str
    function: QualifiedName
    enabled: str = "origin"
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(CatalogObject):
    """A rewrite rule, views' own apart."""

    definition: str
    enabled: str = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(CatalogObject):
    """A row-security policy; ``roles`` is empty for PUBLIC, ``command`` is ``ALL`` or one of the four."""

    command: str
    permissive: bool = True
    roles: tuple[str, ...] = ()
    using: str | None = None
    check: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType(CatalogObject):
    """An enum; the labels stand in their order. ``label_oids`` tell a renamed label from a new one."""

    values: tuple[str, ...]
    label_oids: tuple[int, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain(CatalogObject):
    """A domain; its checks are constraints of their own."""

    type: str
    collation: str | None = None
    not_null: bool = False
    not_null_name: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger(CatalogObject):
    """An event trigger."""

    definition: str
    enabled: str = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(CatalogObject):
    """An installed extension."""

    schema: str
    version: str


@dataclass(frozen=True, slots=True, order=True)
class PublishedTable:
    """One table of a publication, with its column list and row filter."""

    table: QualifiedName
    columns: tuple[str, ...] | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(CatalogObject):
    """A publication."""

    all_tables: bool = False
    operations: tuple[str, ...] = ("insert", "update", "delete", "truncate")
    via_root: bool = False
    generated_columns: str | None = None
    tables: tuple[PublishedTable, ...] = ()
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPrivileges(CatalogObject):
    """What ALTER DEFAULT PRIVILEGES left; ``grants`` is the whole list that stands in the catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(CatalogObject):
    """Settings of the database (``part`` is ``database``) or of a role (in it, or everywhere)."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(CatalogObject):
    """A role of the cluster, without its password. ``member_of`` holds (role, options)."""

    attributes: tuple[str, ...] = ()
    connection_limit: int = -1
    valid_until: str | None = None
    member_of: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(CatalogObject):
    """An object that is all said by its CREATE statement.

    Operators, casts, collations, ranges, foreign servers and the like. ``extra`` holds the statements that complete
    it (``ALTER TEXT SEARCH CONFIGURATION … ADD MAPPING``).
    """

    definition: str
    extra: tuple[str, ...] = ()

    replaceable: ClassVar[bool] = False
