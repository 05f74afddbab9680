"""Keeps two columns of a table in step, in both directions, by value and in the same transaction as the write.

Which side a statement changed is told by comparing old and new values, not by a session setting: poolers, a composed
``search_path`` and any client are safe. The trigger assigns to NEW and never issues an UPDATE, so it cannot recurse. It
is always enabled, also under ``session_replication_role = replica``. A backfill that writes what the trigger would have
written is recognised and left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.sql.identifiers import QualifiedName, derived_name, quote


def before_write(table: QualifiedName, name: QualifiedName, body: str) -> tuple[str, ...]:
    """The statements that make a trigger on every insert and update which assigns to NEW; for one transaction."""
    trigger = quote(name.name)
    function = (
        f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SET search_path = ''\n"
        f"AS $lockgate$\nBEGIN\n{body}  RETURN NEW;\nEND;\n$lockgate$"
    )
    made = f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.sql}"
    made += f"\n  FOR EACH ROW EXECUTE FUNCTION {name.sql}()"
    return function, made, f"ALTER TABLE {table.sql} ENABLE ALWAYS TRIGGER {trigger}"


@dataclass(frozen=True, slots=True)
class Mirror:
    """Two columns of a table and how each is computed from the other (SQL that uses ``{value}``)."""

    table: QualifiedName
    old: str
    new: str
    up: str = "{value}"
    down: str = "{value}"

    @property
    def name(self) -> QualifiedName:
        """The name of the function; the trigger has the same and fires after those of the application."""
        name = derived_name("zz_lockgate_sync", self.table.name, self.old, self.new)
        return QualifiedName(self.table.schema, name)

    def create(self) -> tuple[str, ...]:
        """The statements that put the trigger in place; they belong into one transaction."""
        return before_write(self.table, self.name, self._body())

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        return (
            f"DROP TRIGGER {quote(self.name.name)} ON {self.table.sql}",
            f"DROP FUNCTION {self.name.sql}()",
        )

    def backfill(self) -> str:
        """The statement that fills the new column of the rows that were there before."""
        new, value = quote(self.new), self.up.format(value=quote(self.old))
        table = self.table.sql
        return (
            f"-- lockgate: backfill\nUPDATE {table} SET {new} = {value} WHERE {new} IS DISTINCT FROM {value}"
        )

    def _body(self) -> str:
        old, new = quote(self.old), quote(self.new)
        up_new, down_new = self.up.format(value=f"NEW.{old}"), self.down.format(value=f"NEW.{new}")
        return (
            "  IF TG_OP = 'INSERT' THEN\n"
            f"    IF NEW.{new} IS NULL THEN\n"
            f"      NEW.{new} := {up_new};\n"
            "    ELSE\n"
            f"      NEW.{old} := {down_new};\n"
            "    END IF;\n"
            f"  ELSIF NEW.{new} IS DISTINCT FROM OLD.{new} THEN\n"
            f"    IF NEW.{new} IS DISTINCT FROM {up_new} THEN\n"
            f"      NEW.{old} := {down_new};\n"
            "    END IF;\n"
            f"  ELSIF NEW.{old} IS DISTINCT FROM OLD.{old} THEN\n"
            f"    NEW.{new} := {up_new};\n"
            "  END IF;\n"
        )
