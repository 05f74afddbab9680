"""What a rule is, what it may ask, and what it says: the frame that every file in this folder fits into."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lockgate.analysis.locks import forecast
from lockgate.analysis.settings import milliseconds
from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import TEMPORARY, Birth, Catalog
from lockgate.analysis.state.columns import ColumnSpec, ConstraintSpec, read_constraint
from lockgate.analysis.state.indexes import read_index
from lockgate.analysis.transactions import Held, Session, Transaction
from lockgate.analysis.view import Index, Relation
from lockgate.migration.directives import Change
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement
from lockgate.types import LockMode, RelationLock, Severity
from lockgate.values import replace, value

if TYPE_CHECKING:
    from lockgate.analysis.bodies import Body
    from lockgate.analysis.findings import Classified
    from lockgate.analysis.options import Options
    from lockgate.analysis.source import Source
    from lockgate.analysis.suppressions import Suppressions

T = TypeVar("T")

FILE_END = "@file"
"""The event after the last statement of a file."""

HISTORY_END = "@history"
"""The event after the last file: rules that judge the end state listen to it."""

LAST = "@last"
"""The event at the very end, once for each file: rules about the other rules' findings listen to it."""

ANY_STATEMENT = "@statement"
"""The event of every statement, one that could not be parsed too."""


class Group(enum.StrEnum):
    """What a rule is about; a group can be selected, ignored and configured like a rule."""

    INDEXES = "indexes"
    CONSTRAINTS = "constraints"
    COLUMNS = "columns"
    TABLES = "tables"
    PARTITIONS = "partitions"
    OBJECTS = "objects"
    TRANSACTIONS = "transactions"
    DATA = "data"
    RERUN = "rerun"
    TYPES = "types"
    NAMING = "naming"
    SECURITY = "security"
    SUPABASE = "supabase"
    FILES = "files"


@value(frozen=True, slots=True)
class Hazard:
    """One thing that a rule found.

    ``message`` says what, in one line and with the names; ``why`` what it does to the running system. ``safe`` is SQL
    to write instead, empty when there is none. ``at`` is where it belongs when that is not the statement under
    examination: another statement of the file, or the birth of an object. ``severity`` overrides the rule's own.
    ``clause`` is the place of the command among those of an ALTER TABLE that has several; a rule need not say it.
    """

    message: str
    why: str
    safe: str = ""
    at: Statement | Birth | None = None
    severity: Severity | None = None
    clause: int | None = None


Check = Callable[[Node, "Context"], Iterator[Hazard]]


@value(frozen=True, slots=True)
class Rule:
    """One rule: ``check`` is called with every node that it listens to.

    ``on`` names events: a statement's kind (``IndexStmt``), with a slash the object that it is about
    (``DropStmt/OBJECT_INDEX``, ``RenameStmt/OBJECT_COLUMN``), a command of ALTER TABLE (``AT_AddColumn``; of another
    object ``OBJECT_INDEX/AT_SetTableSpace``), or one of ``FILE_END``, ``HISTORY_END``, ``ANY_STATEMENT``. ``inside``
    names node kinds anywhere in a statement (``FuncCall``). ``since`` and ``until`` bound the server versions (both
    inclusive). ``bodies`` lets it see the statements of function bodies too, which do not run with the migration;
    those of DO blocks are seen by every rule. With ``called`` it sees them too, and what it finds is a remark, for it
    happens when somebody calls the function. ``values`` says that it looks at constants or at the text itself, and at
    nothing but the context: no other rule is asked about an INSERT that differs from the last in its constants alone.
    With a ``platform`` it is on by default there alone; elsewhere it has to be selected. ``settings`` are the names and
    types of what the configuration may say to it.
    """

    id: str
    group: Group
    severity: Severity
    check: Check
    doc: str
    on: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    opt_in: bool = False
    since: int = 0
    until: int = 999
    bodies: bool = False
    called: bool = False
    values: bool = False
    platform: str = ""
    settings: Mapping[str, type] = field(default_factory=dict, hash=False)

    @property
    def title(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().splitlines()[0]


@dataclass(slots=True)
class Context:
    """What a rule may ask about the statement under examination; the state is the one *before* it.

    ``body`` is what a DO block or CREATE FUNCTION runs; ``nested`` that the statement stands in a DO block or is run by
    a function that the file calls, ``in_function`` that it stands in a function's body and does not run now. ``locks``
    are those forecast for the statement. ``files`` are all that the run knows, history first; a birth's unit is a place
    in them, and those before ``first`` are not reported; ``first_of_version`` is the first file of each version.
    ``known_rules`` are the ids of all rules and groups, ``active_rules`` of those that are switched on; ``derived`` is
    the class of the file, known at its end.
    """

    state: Catalog
    session: Session
    source: Source
    options: Options
    statement: Statement
    suppressions: Suppressions
    body: Body | None = None
    nested: bool = False
    in_function: bool = False
    locks: tuple[RelationLock, ...] = ()
    files: Sequence[Source] = ()
    first: int = 0
    first_of_version: Mapping[str, Source] = field(default_factory=dict)
    known_rules: frozenset[str] = frozenset()
    active_rules: frozenset[str] = frozenset()
    derived: Classified | None = None
    _unshared: dict[QualifiedName, bool] = field(default_factory=dict)
    _unshared_texts: dict[str, bool] = field(default_factory=dict)
    _constraints: dict[int, ConstraintSpec | None] = field(default_factory=dict)
    _target: Relation | None = None
    _index: Index | None = None

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.options.major

    @property
    def transaction(self) -> Transaction:
        """The transaction that the statement runs in, with what ran in it before."""
        return self.session.transaction

    @property
    def in_transaction(self) -> bool:
        """Whether what runs before the statement, and after it, commits together with it."""
        return self.nested or self.transaction.is_block

    @property
    def tree(self) -> Node:
        """The inside of the statement's outermost node."""
        return self.statement.tree

    def name(self, range_var: Node) -> QualifiedName:
        """The qualified name of a ``RangeVar``."""
        return self.state.relation_name(*names.range_var(range_var))

    def relation(self, range_var: Node) -> Relation:
        """The relation of a ``RangeVar``, with at least its name."""
        return self.state.known(self.name(range_var))

    @property
    def relation_sql(self) -> str:
        """The name of the statement's relation as the file wrote it, quoted where it has to be."""
        return QualifiedName(*names.range_var(self.tree.get("relation", {}))).sql

    @property
    def target(self) -> Relation:
        """The relation of ``ALTER TABLE``, ``CREATE INDEX``, ``CREATE TRIGGER`` and the like; looked up once."""
        if self._target is None:
            tree = self.tree
            self._target = self.relation(tree.get("relation") or tree.get("table") or tree.get("view") or {})
        return self._target

    def column(self, node: Node) -> ColumnSpec:
        """A ``ColumnDef`` node, read."""
        return self.state.column_spec(node)

    def lock_of(self, command: Node) -> RelationLock | None:
        """What one command of ALTER TABLE does to the table and all below it, the other commands apart.

        A partitioned table holds no rows: what is written, read or built anew are its partitions.
        """
        locks = self.locks
        if len(self.tree.get("cmds", ())) > 1:
            alone = {**self.tree, "cmds": [{"AlterTableCmd": command}]}
            locks = forecast(replace(self.statement, tree=alone), self.state, self.major).relations
        reached = {str(self.target.name), *map(str, self.state.descendants(self.target.name))}
        found = [lock for lock in locks if lock.relation in reached]
        own = next((lock for lock in found if lock.relation == str(self.target.name)), None)
        return own and replace(
            own,
            rewrite=any(lock.rewrite for lock in found),
            scan=any(lock.scan for lock in found),
            index_build=any(lock.index_build for lock in found),
        )

    @property
    def is_contract(self) -> bool:
        """Whether the file is the last phase of a change, when the old application is gone."""
        change = self.source.directives.first(Change)
        return change is not None and change.phase == "contract"

    def added_column(self, command: Node) -> ColumnSpec | None:
        """The column of ADD COLUMN; None when IF NOT EXISTS finds it there, or when nobody shares the table."""
        spec, table = self.column(command["def"]["ColumnDef"]), self.target
        if self.is_unshared(table.name) or (command.get("missing_ok") and table.column(spec.name)):
            return None
        return spec

    def constraint(self, node: Node) -> ConstraintSpec | None:
        """A ``Constraint`` node, read; the same node is read once."""
        if id(node) not in self._constraints:
            self._constraints[id(node)] = read_constraint(node, self.state.relation_name)
        return self._constraints[id(node)]

    @property
    def index(self) -> Index:
        """The index that a CREATE INDEX makes; read once."""
        if self._index is None:
            self._index = read_index(self.state, self.tree)
        return self._index

    def is_known(self, name: QualifiedName) -> bool:
        """Whether the history or this file made the relation, so that its columns are known."""
        relation = self.state.relation(name.schema, name.name)
        return relation is not None and not relation.partial

    @property
    def is_guarded(self) -> bool:
        """Whether a lock that is not granted soon is given up: by a lock_timeout in force, or by the runner itself."""
        value = self.session.settings.get("lock_timeout")
        if value is not None:
            return bool(milliseconds(value))
        return self.session.runner.guards

    @property
    def shared_locks(self) -> tuple[RelationLock, ...]:
        """The locks of the statement on what others use."""
        return tuple(lock for lock in self.locks if not self.is_unshared_text(lock.relation))

    def is_unshared(self, name: QualifiedName) -> bool:
        """Whether nobody else can want the relation, and it is small: temporary, or new and without many rows."""
        known = self._unshared.get(name)
        if known is None:
            known = self._unshared[name] = self._find_unshared(name)
        return known

    def _find_unshared(self, name: QualifiedName) -> bool:
        if name.schema == TEMPORARY:
            return True
        relation = self.state.relation(name.schema, name.name)
        if relation is None:
            return False
        if relation.persistence == "temporary":
            return True
        # Nobody writes to a materialized view, and nobody sees a table before the transaction that made it ends.
        settled = relation.kind == "materialized view" or self.state.rows.get(name) != "many"
        return relation.is_new and (settled or self.same_transaction("relation", name))

    def is_unshared_text(self, name: str) -> bool:
        """The same of a name as forecasts write it (``public.users``)."""
        known = self._unshared_texts.get(name)
        if known is None:
            schema, _, relation = name.rpartition(".")
            known = self._unshared_texts[name] = self.is_unshared(QualifiedName(schema, relation))
        return known

    def is_dropped_here(self, kind: str, schema: str, name: str) -> bool:
        """Whether this file has dropped an object of that name already."""
        wanted = (
            {QualifiedName(schema, name)}
            if schema
            else {QualifiedName(candidate, name) for candidate in self.state.search_path}
        )
        return any(found in wanted for found, _ in self.state.gone(kind))

    def held(self, at_least: LockMode) -> list[Held]:
        """The locks of that strength that earlier statements of the transaction took on what others use."""
        return self.transaction.holds(at_least)

    def is_empty(self, name: QualifiedName) -> bool:
        """Whether the relation is new and this migration has put no row into it."""
        return self.is_unshared(name) and name not in self.state.rows

    def setting(self, rule: str, key: str, default: T) -> T:
        """A setting of a rule from the configuration, of the default's type."""
        value = self.options.rule_settings.get(rule, _NOTHING).get(key, default)
        return value if isinstance(value, type(default)) else default

    def is_selected(self, rule: Rule) -> bool:
        """Whether the user asked for a rule: by its name, by its group, or for all of them."""
        return bool(self.options.select) and not self.options.select.isdisjoint(
            ("all", rule.id, rule.group.value)
        )

    def statement_at(self, birth: Birth) -> Statement:
        """The statement that made something."""
        return self.files[birth.unit].script.statements[birth.statement]

    def is_of_this_file(self, *key: object) -> bool:
        """Whether something was made by the file under examination; keys are those of ``Catalog.remember``."""
        birth = self.state.birth(*key)
        return birth is not None and birth.unit == self.state.now.unit

    def same_transaction(self, *key: object) -> bool:
        """Whether something was made in the transaction that the statement runs in."""
        birth = self.state.birth(*key)
        return (
            birth is not None
            and self.transaction.is_block
            and (birth.unit, birth.transaction) == (self.state.now.unit, self.transaction.number)
        )


_NOTHING: Mapping[str, object] = {}
