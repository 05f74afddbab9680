"""Opening circles of needs: a table whose default calls a function that takes the table's rows, and the like."""

from __future__ import annotations

from dataclasses import replace

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Routine, Table, View
from lockgate.catalog.script.graph import Key, Operation, Operations, Verb, need
from lockgate.catalog.script.operations import Builder
from lockgate.catalog.writers.relations import TableWriter, ViewWriter
from lockgate.catalog.writers.routines import stub

_DROPPABLE = frozenset({Kind.CONSTRAINT, Kind.POLICY, Kind.TRIGGER, Kind.RULE, Kind.DEFAULT})


class Opener:
    """Splits one operation of a circle, if one can be split."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def __call__(self, operations: Operations, circle: list[Key]) -> bool:
        """Whether the circle is open now."""
        return any(
            split(operations, key, set(circle))
            for split in (
                self._drop_part_first,
                self._default_later,
                self._shell_first,
                self._empty_first,
                self._stub_first,
                self._stub_last,
            )
            for key in circle
        )

    def _drop_part_first(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """A table must wait for another one only because of a foreign key or policy, which can go ahead."""
        for other, why in list(operations[key].needs.items()):
            home = operations.get(other)
            if (
                other in circle
                and home
                and why in home.removes
                and why.kind in _DROPPABLE
                and why != other.address
            ):
                home.removes.discard(why)
                new = self.builder.drop_apart(why)
                self.builder.needs_again(new)
                del operations[key].needs[other]
                operations[key].needs[new] = why
                need(operations, other, [new], why)
                return True
        return False

    def _default_later(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """A new table's default needs what needs the table."""
        table = self.builder.after.get(key.address)
        if (
            key.verb is not Verb.MAKE
            or not isinstance(table, Table)
            or key.address not in self.builder.changes.made
        ):
            return False
        reasons = {why for other, why in operations[key].needs.items() if other in circle}
        late = [
            default
            for column in table.columns
            if column.default and not column.generated
            for default in [replace(column.address, kind=Kind.DEFAULT)]
            if Key(Verb.MAKE, default) not in operations and self._reasons(default) & reasons
        ]
        if not late:
            return False
        for default in late:
            self.builder.needs_again(self.builder.late_default(default))
        self._write_table(operations, key, table)
        return True

    def _reasons(self, default: Address) -> frozenset[Address]:
        return self.builder.after.depends.get(default, frozenset())

    def _write_table(self, operations: Operations, key: Key, table: Table) -> None:
        defaults = frozenset(
            column.column
            for column in table.columns
            if Key(Verb.MAKE, replace(column.address, kind=Kind.DEFAULT)) in operations
        )
        operations[key].sql = TableWriter().create(table, self.builder.context, defaults)
        operations[key].needs = {}
        self.builder.needs_again(key)

    def _shell_first(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """A new view and a function need each other: first the view without its query."""
        view = self.builder.after.get(key.address)
        made = key.verb is Verb.MAKE and key.address in self.builder.changes.made
        if not made or not isinstance(view, View) or view.materialized:
            return False
        whole = Key(Verb.FINISH, key.address)
        if whole in operations:
            return False
        writer, operation = ViewWriter(), operations[key]
        operations[whole] = Operation(
            whole, writer.fill_shell(view, self.builder.context), set(), operation.needs
        )
        operation.sql = writer.shell(view, "CREATE")
        removing = {other: why for other, why in operation.needs.items() if other.verb is not Verb.MAKE}
        operations[whole].needs = {**operation.needs, key: key.address}
        types = {one for column in view.columns for one in self._reasons(column.address)}
        operation.needs = removing | {
            other: why for other, why in operation.needs.items() if why in types and other not in circle
        }
        return True

    def _empty_first(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """The same on the way out: the view loses its query, then the function can go, then the view."""
        view = self.builder.before.get(key.address)
        if key.verb is not Verb.DROP or not isinstance(view, View) or view.materialized:
            return False
        emptied = Key(Verb.DETACH, key.address)
        if emptied in operations:
            return False
        operations[emptied] = Operation(emptied, ViewWriter().shell(view, "CREATE OR REPLACE"))
        for other, operation in operations.items():
            if other in circle and key in operation.needs:
                operation.needs[emptied] = operation.needs.pop(key)
        need(operations, key, [emptied], key.address)
        return True

    def _stub_first(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """Two new functions whose bodies are bound to each other: first one of them without its body."""
        routine, whole = self.builder.after.get(key.address), Key(Verb.FINISH, key.address)
        empty = stub(routine) if isinstance(routine, Routine) else None
        if key.verb is not Verb.MAKE or key.address not in self.builder.changes.made or whole in operations:
            return False
        if empty is None or not isinstance(routine, Routine):
            return False
        operation = operations[key]
        operations[whole] = Operation(
            whole, [routine.definition], set(), {**operation.needs, key: key.address}
        )
        operation.sql = [empty, *operation.sql[1:]]
        operation.needs = {other: why for other, why in operation.needs.items() if other not in circle}
        return True

    def _stub_last(self, operations: Operations, key: Key, circle: set[Key]) -> bool:
        """The same on the way out: one of them loses its body, then the other can go."""
        routine, emptied = self.builder.before.get(key.address), Key(Verb.DETACH, key.address)
        empty = stub(routine) if isinstance(routine, Routine) else None
        if key.verb is not Verb.DROP or empty is None or emptied in operations:
            return False
        operations[emptied] = Operation(emptied, ["SET LOCAL check_function_bodies = off", empty])
        for other, operation in operations.items():
            if other in circle and key in operation.needs:
                operation.needs[emptied] = operation.needs.pop(key)
        need(operations, key, [emptied], key.address)
        return True
