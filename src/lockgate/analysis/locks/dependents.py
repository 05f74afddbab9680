"""What goes when something is dropped, and which tables are closed for it."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.expressions import mentions
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.state import names
from lockgate.analysis.view import Column, Constraint, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk
from lockgate.types import LockMode

_FULL = LockMode.ACCESS_EXCLUSIVE


class Demolition:
    """One DROP: follows what hangs on what; ``cascade`` decides whether the objects of others go as well."""

    def __init__(self, ledger: Ledger, *, cascade: bool) -> None:
        self._ledger = ledger
        self._scene = ledger.scene
        self._cascade = cascade
        self._seen: set[QualifiedName] = set()

    def relation(self, relation: Relation) -> None:
        """Drop a table, view or sequence with its partitions, its keys and, if cascading, what hangs on it."""
        if relation.name in self._seen:
            return
        self._seen.add(relation.name)
        if relation.kind == "sequence":
            self.sequence(relation)
            return
        self._ledger.lock(relation.name, _FULL)
        self._close_parent(relation)
        for constraint, target in self._scene.foreign_keys(relation):
            if not (constraint.inherited and relation.is_partition):
                self._close(target)
        for child in self._scene.state.children(relation.name):
            if self._cascade or relation.kind == "partitioned table":
                self.relation(self._scene.known(child))
        if self._cascade:
            self._dependents(relation)

    def _close(self, name: QualifiedName) -> None:
        self._ledger.lock_all(self._scene.with_partitions(name), _FULL)

    def _close_parent(self, relation: Relation) -> None:
        """A partition leaves its parent, and the default partition will take its rows from then on."""
        if not relation.is_partition:
            return
        for name in relation.parents:
            parent = self._scene.known(name)
            self._ledger.lock(name, _FULL)
            default = self._scene.default_partition(parent)
            if default is not None:
                self._ledger.lock(default.name, _FULL)
            self._ledger.because(f"{name} is closed as well, for it loses a partition.")

    def _dependents(self, relation: Relation) -> None:
        for table, constraint in self._scene.referencing(relation.name):
            self.constraint(table, constraint)
        for reader in self._scene.state.readers(relation.name):
            self.relation(self._scene.known(reader))

    def constraint(self, table: QualifiedName, constraint: Constraint) -> None:
        """Drop a foreign key that points to what is dropped."""
        self._close(table)
        if constraint.references is not None:
            self._close(constraint.references)

    def column(self, relation: Relation, name: str) -> None:
        """Drop a column with the keys on it and, if cascading, the views that show it and the keys that point to it."""
        for constraint, _ in self._scene.foreign_keys(relation):
            if name in constraint.columns:
                self.constraint(relation.name, constraint)
        if not self._cascade:
            return
        for table, constraint in self._scene.referencing(relation.name):
            if name in self._scene.key_columns(relation, constraint):
                self.constraint(table, constraint)
        for reader in self._scene.state.readers(relation.name):
            view = self._scene.known(reader)
            if view.query is None or self._shows(view.query, relation, name):
                self.relation(view)

    def _shows(self, query: Node, relation: Relation, column: str) -> bool:
        """Whether a query uses a column of one of its relations, whatever it calls that relation."""
        called = {
            inside.get("alias", {}).get("aliasname", inside["relname"])
            for kind, inside in walk(query)
            if kind == "RangeVar" and self._scene.range_var(inside) == relation.name
        }
        return mentions(query, column, called)

    def type(self, name: QualifiedName) -> None:
        """Drop a type or domain: the columns of that type go."""
        for table, column in self._scene.state.type_users(name) if self._cascade else ():
            self._drop_column(self._scene.known(table), column)

    def _drop_column(self, relation: Relation, column: str) -> None:
        for member in self._scene.family(relation):
            self._ledger.lock(member.name, _FULL)
            self.column(member, column)

    def sequence(self, sequence: Relation) -> None:
        """Drop a sequence: the defaults that draw from it go."""
        self._ledger.lock_sequence(sequence, _FULL)
        for relation in self._scene.state.relations() if self._cascade else ():
            if any(self._draws_from(column, sequence.name) for column in relation.columns):
                self._ledger.lock(relation.name, _FULL)

    def _draws_from(self, column: Column, sequence: QualifiedName) -> bool:
        return any(
            names.dotted(call["funcname"])[1] == "nextval" and self._is_named(call, sequence)
            for kind, call in walk(column.default)
            if kind == "FuncCall"
        )

    def _is_named(self, call: Node, sequence: QualifiedName) -> bool:
        for kind, const in walk(call.get("args")):
            text = const.get("sval", {}).get("sval", "") if kind == "A_Const" else ""
            schema, _, name = text.replace('"', "").rpartition(".")
            if name and self._scene.name(schema, name) == sequence:
                return True
        return False

    def function(self, name: QualifiedName) -> None:
        """Drop a function: the triggers, defaults, checks, policies, indexes and views that call it go."""
        for relation in list(self._scene.state.relations()) if self._cascade else ():
            self._release(relation, name)

    def _release(self, relation: Relation, function: QualifiedName) -> None:
        if any(trigger.function == function for trigger in relation.triggers):
            self._close(relation.name)
        elif relation.query is not None and self._calls(relation.query, function):
            self.relation(relation)
        elif any(self._calls(expression, function) for expression in _expressions(relation)):
            self._ledger.lock(relation.name, _FULL)

    def _calls(self, node: Node | None, function: QualifiedName) -> bool:
        return any(
            self._function_name(inside["funcname"]) == function
            for kind, inside in walk(node)
            if kind == "FuncCall"
        )

    def _function_name(self, parts: list[Node]) -> QualifiedName:
        schema, name = names.dotted(parts)
        found = self._scene.state.functions(schema, name)
        return found[0].name if found else QualifiedName(schema, name)

    def schema(self, name: str) -> None:
        """Drop a schema: all that is in it, and what hangs on it outside."""
        if not self._cascade:
            return
        for relation in list(self._scene.state.relations()):
            if relation.name.schema == name:
                self.relation(relation)
            else:
                self._leave_schema(relation, name)

    def _leave_schema(self, relation: Relation, schema: str) -> None:
        for column in relation.columns:
            if column.type.name.schema == schema:
                self._drop_column(relation, column.name)
        if any(trigger.function.schema == schema for trigger in relation.triggers):
            self._close(relation.name)
        if any(self._function_schema(node) == schema for node in _calls_in(relation)):
            self._ledger.lock(relation.name, _FULL)

    def _function_schema(self, call: Node) -> str:
        return self._function_name(call["funcname"]).schema


def _expressions(relation: Relation) -> Iterator[Node | None]:
    """Every expression that belongs to a table."""
    for column in relation.columns:
        yield column.default
    for constraint in relation.constraints:
        yield constraint.expression
    for index in relation.indexes:
        yield index.predicate
        yield from (key.expression for key in index.keys)
    for policy in relation.policies:
        yield policy.using
        yield policy.check


def _calls_in(relation: Relation) -> Iterator[Node]:
    for expression in _expressions(relation):
        yield from (inside for kind, inside in walk(expression) if kind == "FuncCall")
