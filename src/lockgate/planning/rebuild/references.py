"""Foreign keys that point to a table, while another table stands beside it and takes its place.

Each of them gets a second one that points to the other table. Both keep their actions: rows of the other table change
after those of the table in use, so that whatever a key does (CASCADE, SET NULL) is done already and is not done twice.
Only the checks of the second one wait for the end of the transaction, because a statement may write the row that refers
before the trigger has copied the row that is referred to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.model import Constraint, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse, parse_one

_AT_THE_END = "DEFERRABLE INITIALLY DEFERRED"


def pointing_to(snapshot: Snapshot, table: Table) -> list[Constraint]:
    """The foreign keys of all tables that point to a table; those that partitions have of their table's are not."""
    found = [item for item in snapshot.references_to(table.name) if not item.inherited]
    return sorted(found, key=lambda item: (item.name.schema, item.name.name, item.constraint))


def obstacles(snapshot: Snapshot, table: Table, key: tuple[str, ...]) -> Iterator[str]:
    """Why foreign keys cannot point to a new table, which ``key`` divides into partitions, as words."""
    for found in pointing_to(snapshot, table):
        place = f"{found.constraint} on {found.name}"
        if found.name == table.name:
            if key and snapshot.major < 18:
                yield f"constraint {place} refers to itself: partitioned, it cannot be proved later before 18"
        elif snapshot.children(found.name):
            yield f"constraint {place} refers to it, whose partitions or children would need a second one, too"
        if key and not set(key) <= set(found.referenced_columns):
            names = ", ".join(found.referenced_columns)
            yield (
                f"constraint {place} refers to ({names}), which a table divided by ({', '.join(key)}) cannot keep"
                " unique: it has to go, or to hold what divides the table, first"
            )


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key that was declared so, of ``holder`` under another name."""

    declared: Constraint
    holder: QualifiedName
    name: str

    def add(self, target: QualifiedName) -> str:
        """The statement that makes it point to a table, with its checks at the end and no look at old rows."""
        begin = f"ALTER TABLE {self.holder.sql} ADD CONSTRAINT {quote(self.name)}"
        statement = parse_one(f"{begin} {self.declared.definition}")
        command = dict(statement.tree["cmds"][0]["AlterTableCmd"])
        told: Node = dict(command["def"]["Constraint"])
        told["pktable"] = {**told["pktable"], "schemaname": target.schema, "relname": target.name}
        told |= {"deferrable": True, "initdeferred": True, "skip_validation": True}
        told.pop("initially_valid", None)
        command["def"] = {"Constraint": told}
        return deparse({"AlterTableStmt": {**statement.tree, "cmds": [{"AlterTableCmd": command}]}})

    def prove(self) -> str:
        """The statement that looks at the old rows."""
        return f"{self._alter} VALIDATE CONSTRAINT {quote(self.name)}"

    def drop(self) -> str:
        """The statement that takes it away."""
        return f"{self._alter} DROP CONSTRAINT {quote(self.name)}"

    def rename(self, name: str) -> str:
        """The statement that gives it another name."""
        return f"{self._alter} RENAME CONSTRAINT {quote(self.name)} TO {quote(name)}"

    def check_at_the_end(self) -> Iterator[str]:
        """The statement that lets its checks wait, where they do not yet."""
        if not self.declared.deferred:
            yield f"{self._alter} ALTER CONSTRAINT {quote(self.name)} {_AT_THE_END}"

    def check_as_declared(self) -> Iterator[str]:
        """The statement that takes this back."""
        if not self.declared.deferred:
            words = "DEFERRABLE INITIALLY IMMEDIATE" if self.declared.deferrable else "NOT DEFERRABLE"
            yield f"{self._alter} ALTER CONSTRAINT {quote(self.name)} {words}"

    @property
    def _alter(self) -> str:
        return f"ALTER TABLE {self.holder.sql}"
