"""Keeps two columns of a table in step, in both directions, by value and in the same transaction as the write.

Which side a statement changed is told by comparing old and new values, not by a session setting: poolers, a composed
``search_path`` and any client are safe. Values are compared byte for byte (``record_image_ne``): that exists for every
type, needs no search path and sees that 1.0 became 1.00. An insert that leaves one side out leaves it at its default,
so both columns have the same default and the side that differs from it is the one that was written. The trigger assigns
to NEW and never issues an UPDATE, so it cannot recurse. It is always enabled, also under
``session_replication_role = replica``. A backfill that writes what the trigger would have written is recognised and
left alone, in both directions: where one side cannot hold all of the other (1.5 in a column of integers), filling it
must not change the side that it is filled from. A key is held exactly or refused: rows of other tables that meet it on
one side would miss it on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote

PREFIX: Final = "zz_lockgate"
"""How the names of all our triggers begin: they fire behind those of the application, in the order of names."""


def before_write(
    table: QualifiedName,
    name: QualifiedName,
    body: str,
    path: Sequence[str] = (),
    below: Sequence[QualifiedName] = (),
) -> tuple[str, ...]:
    """The statements that make a trigger on every insert and update which assigns to NEW; for one transaction.

    ``path`` is the function's own search path, for expressions that name objects without a schema. ``below`` are tables
    that inherit: unlike partitions they get no trigger of their parent.
    """
    function = (
        f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SET search_path = {_listed(path)}\n"
        f"AS $lockgate$\nBEGIN\n{body}  RETURN NEW;\nEND;\n$lockgate$"
    )
    return function, *(sql for one in (table, *below) for sql in _called(one, name))


def _called(table: QualifiedName, name: QualifiedName) -> tuple[str, str]:
    trigger = quote(name.name)
    made = f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.sql}"
    made += f"\n  FOR EACH ROW EXECUTE FUNCTION {name.sql}()"
    return made, f"ALTER TABLE {table.sql} ENABLE ALWAYS TRIGGER {trigger}"


def trigger_name(table: QualifiedName, old: str, new: str) -> QualifiedName:
    """The name of the function that keeps two columns in step; its trigger fires after those of the application."""
    return QualifiedName(table.schema, derived_name(f"{PREFIX}_sync", table.name, old, new))


def no_more_before_write(
    table: QualifiedName, name: QualifiedName, below: Sequence[QualifiedName] = ()
) -> tuple[str, ...]:
    """The statements that take away what :func:`before_write` made."""
    triggers = (f"DROP TRIGGER {quote(name.name)} ON {one.sql}" for one in (table, *below))
    return *triggers, f"DROP FUNCTION {name.sql}()"


def in_chunks(table: QualifiedName, below: Sequence[QualifiedName], change: str) -> tuple[str, ...]:
    """UPDATE as a backfill; each of the tables that inherit by itself, because keys are unique in one table only."""
    only = "ONLY " if below else ""
    return tuple(f"-- lockgate: backfill\nUPDATE {only}{one.sql} {change}" for one in (table, *below))


def _listed(path: Sequence[str]) -> str:
    return ", ".join(quote(schema) for schema in path) or "''"


@dataclass(frozen=True, slots=True)
class Mirror:
    """Two columns of a table and how each is computed from the other (SQL that uses ``{value}``).

    ``up`` gives exactly the type of ``new``, ``down`` that of ``old``. ``default`` is the default of ``new`` in its own
    type. ``comparable`` says that the type has an equality which a session finds without a search path. ``path`` is
    where ``up`` and ``down`` look names up. ``exact`` refuses what the old type would hold as another value.
    ``below`` are the tables that inherit both columns.
    """

    table: QualifiedName
    old: str
    new: str
    up: str = "{value}"
    down: str = "{value}"
    default: str = "NULL"
    comparable: bool = True
    path: tuple[str, ...] = ()
    exact: bool = False
    below: tuple[QualifiedName, ...] = ()

    @property
    def name(self) -> QualifiedName:
        """The name of the function; the trigger has the same."""
        return trigger_name(self.table, self.old, self.new)

    def create(self) -> tuple[str, ...]:
        """The statements that put the trigger in place; they belong into one transaction."""
        return before_write(self.table, self.name, self._body(), self.path, self.below)

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        return no_more_before_write(self.table, self.name, self.below)

    def backfill(self) -> str:
        """The statement that fills the new column of the rows that were there before."""
        (statement,) = self.backfills()
        return statement

    def backfills(self) -> tuple[str, ...]:
        """The same, one statement for each of the tables that inherit."""
        new, old = quote(self.new), quote(self.old)
        value = self.up.format(value=old)
        left = (
            f"{new} IS DISTINCT FROM {value}" if self.comparable else f"{new} IS NULL AND {old} IS NOT NULL"
        )
        return in_chunks(self.table, self.below, f"SET {new} = {value} WHERE {left}")

    def _body(self) -> str:
        old, new = quote(self.old), quote(self.new)
        up_new, down_new = self.up.format(value=f"NEW.{old}"), self.down.format(value=f"NEW.{new}")
        return (
            "  IF TG_OP = 'INSERT' THEN\n"
            f"    IF {self._left_out(new)} THEN\n"
            f"      NEW.{new} := {up_new};\n"
            "    ELSE\n"
            f"{self._lead(old, new, up_new, down_new)}"
            "    END IF;\n"
            f"  ELSIF {_differ(f'NEW.{new}', f'OLD.{new}')} THEN\n"
            f"    IF {_differ(f'NEW.{new}', up_new)} THEN\n"
            f"{self._lead(old, new, up_new, down_new)}"
            "    END IF;\n"
            f"  ELSIF {_differ(f'NEW.{old}', f'OLD.{old}')} THEN\n"
            f"    IF {_differ(f'NEW.{old}', down_new)} THEN\n"
            f"      NEW.{new} := {up_new};\n"
            "    END IF;\n"
            "  END IF;\n"
        )

    def _lead(self, old: str, new: str, up_new: str, down_new: str) -> str:
        """The new side was written: the old one follows, or the write is refused where it cannot."""
        follow = f"      NEW.{old} := {down_new};\n"
        if not self.exact:
            return follow
        other = f"{up_new} <> NEW.{new}" if self.comparable else _differ(up_new, f"NEW.{new}")
        message = literal(f"{self.table}.{self.new}: a key must be one that {self.table}.{self.old} can hold")
        return (
            f"{follow}      IF NEW.{old} IS NOT NULL AND {other} THEN\n"
            f"        RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = {message};\n"
            "      END IF;\n"
        )

    def _left_out(self, new: str) -> str:
        """Whether an insert left the new column at its default: then the old side speaks."""
        if self.default == "NULL":
            return f"NEW.{new} IS NULL"
        return f"NOT {_differ(f'NEW.{new}', self.default)}"


def _differ(one: str, other: str) -> str:
    return f"record_image_ne(ROW({one}), ROW({other}))"
