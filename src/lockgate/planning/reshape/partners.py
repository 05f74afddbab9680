"""Keeps the columns of a table and a table of their own in step, row for row, within the write itself.

The host has the columns beside others, the guest has them alone, under the same key. Which of the two was written
decides; that there is nothing left to do is seen by comparing values byte for byte (``record_image_ne``), so the
triggers end where both are equal, whatever the session is set to. The functions run as their owner with nothing in
their search path: who may write one table need not have any right on the other.

A row of the guest that a write to the host brought along, and that holds nothing but defaults, gives way to one that
an application inserts itself. So an application that knows both tables may insert into both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockgate.planning.unseen import locked, refused
from lockgate.sql.identifiers import QualifiedName, derived_name, quote


@dataclass(frozen=True, slots=True)
class End:
    """A table, the columns of its key, and those that are kept in step, in the same order as at the other end."""

    table: QualifiedName
    key: tuple[str, ...]
    columns: tuple[str, ...]

    def named(self, prefix: str = "") -> str:
        """The columns in step, listed."""
        return _listed(self.columns, prefix)

    def row(self, prefix: str = "", chosen: Sequence[int] | None = None) -> str:
        """The columns in step (or some of them) as one value."""
        names = self.columns if chosen is None else [self.columns[number] for number in chosen]
        return f"ROW({_listed(names, prefix)})"

    def here(self, prefix: str, other: End, theirs: str) -> str:
        """The condition that finds the row of another one's key."""
        pairs = zip(self.key, other.key, strict=True)
        return " AND ".join(f"{prefix}{quote(own)} = {theirs}{quote(key)}" for own, key in pairs)

    def set_to(self, values: Sequence[str]) -> str:
        """What stands behind SET."""
        return ", ".join(f"{quote(name)} = {value}" for name, value in zip(self.columns, values, strict=True))


@dataclass(frozen=True, slots=True)
class Partners:
    """``defaults`` are what the columns hold when nobody gave a value, each of exactly the type of its column.

    ``steady`` are the columns (from 0) whose default is always the same; ``required`` those that the guest cannot have
    NULL. ``always`` says that each row of the host has one in the guest, also when all of it is default.
    """

    host: End
    guest: End
    defaults: tuple[str, ...]
    steady: tuple[int, ...]
    required: tuple[int, ...]
    always: bool

    def renamed(self, *, host: End | None = None, guest: End | None = None) -> Partners:
        """The same after one of the tables, or its columns, got other names."""
        return replace(self, host=host or self.host, guest=guest or self.guest)

    def create(self) -> tuple[str, ...]:
        """The statements that put all triggers in place; they belong into one transaction."""
        host, guest = self.host.table, self.guest.table
        return (
            *_made(self._name(self.host), self._of_host(), "AFTER INSERT OR UPDATE OR DELETE", host),
            *_made(self._name(self.guest), self._of_guest(), "AFTER INSERT OR UPDATE OR DELETE", guest),
            *_made(self._name(self.guest, "_yield"), self._yielding(), "BEFORE INSERT", guest),
            *_made(self._name(self.guest, "_all"), self._emptied(), "AFTER TRUNCATE", guest, "STATEMENT"),
        )

    def drop(self) -> tuple[str, ...]:
        """The statements that take them away."""
        names = [(self._name(self.host), self.host), (self._name(self.guest), self.guest)]
        names += [(self._name(self.guest, suffix), self.guest) for suffix in ("_yield", "_all")]
        triggers = [
            f"DROP TRIGGER {quote(trigger_of(name))} ON {end.table.sql}" for name, end in reversed(names)
        ]
        return (*triggers, *(f"DROP FUNCTION {name.sql}()" for name, _ in reversed(names)))

    def _name(self, end: End, suffix: str = "") -> QualifiedName:
        other = self.guest if end is self.host else self.host
        words = ("zz_lockgate_part", end.table.name, other.table.name)
        return QualifiedName(end.table.schema, derived_name(*words, suffix=suffix))

    def _unlike(self, values: str, chosen: tuple[int, ...] | None = None) -> str:
        """Whether values differ from the defaults."""
        wanted = range(len(self.defaults)) if chosen is None else chosen
        return f"record_image_ne({values}, ROW({', '.join(self.defaults[number] for number in wanted)}))"

    def _of_host(self) -> str:
        host, guest = self.host, self.guest
        told = host.row("NEW.")
        moved = f"{_row(host.key, 'OLD.')} IS DISTINCT FROM {_row(host.key, 'NEW.')}"
        given = self._unlike(host.row("NEW.", self.steady), self.steady) if self.steady else "false"
        taken = ", ".join(f"{quote(name)} = g.{quote(own)}" for name, own in _pairs(host, guest))
        return (
            "  IF TG_OP = 'DELETE' THEN\n"
            f"    DELETE FROM {guest.table.sql} AS g WHERE {guest.here('g.', host, 'OLD.')};\n"
            "    RETURN NULL;\n"
            "  ELSIF TG_OP = 'UPDATE' THEN\n"
            f"    IF {moved} THEN\n"
            f"      UPDATE {guest.table.sql} AS g SET {self._key_of('NEW.')}\n"
            f"      WHERE {guest.here('g.', host, 'OLD.')};\n"
            "    END IF;\n"
            f"    IF record_image_ne({told}, {host.row('OLD.')}) THEN\n{self._told(3)}"
            "    END IF;\n"
            f"  ELSIF {given} THEN\n{self._told(2, sure=True)}"
            "  ELSE\n"
            f"    UPDATE {host.table.sql} AS h SET {taken} FROM {guest.table.sql} AS g\n"
            f"    WHERE {guest.here('g.', host, 'NEW.')} AND {host.here('h.', host, 'NEW.')}\n"
            f"      AND record_image_ne({host.row('h.')}, {guest.row('g.')});\n"
            f"{self._accompanied()}"
            "  END IF;\n"
            "  RETURN NULL;\n"
        )

    def _key_of(self, prefix: str) -> str:
        pairs = zip(self.guest.key, self.host.key, strict=True)
        return ", ".join(f"{quote(own)} = {prefix}{quote(key)}" for own, key in pairs)

    def _accompanied(self) -> str:
        """A new row of the host gets its partner, unless it holds nothing and need not be there."""
        all_steady = len(self.steady) == len(self.defaults)
        if all_steady and not self.always:
            return ""
        wanted = "" if self.always else self._unlike(self.host.row("NEW."))
        asked = " AND ".join(part for part in (wanted, self._complete()) if part)
        pad = "      " if asked else "    "
        action = f"{self._insert(pad)}{pad}ON CONFLICT ({_listed(self.guest.key)}) DO NOTHING;\n"
        return f"    IF {asked} THEN\n{action}    END IF;\n" if asked else action

    def _complete(self) -> str:
        return " AND ".join(f"NEW.{quote(self.host.columns[number])} IS NOT NULL" for number in self.required)

    def _insert(self, pad: str) -> str:
        host, guest = self.host, self.guest
        return (
            f"{pad}INSERT INTO {guest.table.sql} AS g ({_listed(guest.key)}, {guest.named()})\n"
            f"{pad}VALUES ({_listed(host.key, 'NEW.')}, {host.named('NEW.')})\n"
        )

    def _told(self, depth: int, *, sure: bool = False) -> str:
        """What the host holds now is written into the guest, if it is not there yet.

        ``sure`` says that it is not all default.
        """
        host, guest, pad = self.host, self.guest, "  " * depth
        found = f"SELECT FROM {guest.table.sql} AS g WHERE {guest.here('g.', host, 'NEW.')}"
        same = f"NOT record_image_ne({guest.row('g.')}, {host.row('NEW.')})"
        excluded = guest.set_to([f"EXCLUDED.{quote(name)}" for name in guest.columns])
        written = (
            f"{pad}IF NOT EXISTS ({found} AND {same}) THEN\n"
            f"{self._insert(pad + '  ')}"
            f"{pad}  ON CONFLICT ({_listed(guest.key)}) DO UPDATE SET {excluded}\n"
            f"{pad}  WHERE record_image_ne({guest.row('g.')}, {guest.row('EXCLUDED.')});\n"
            f"{pad}END IF;\n"
        )
        if (self.always or sure) and not self.required:
            return written
        worth = "" if self.always or sure else f"({self._unlike(host.row('NEW.'))} OR EXISTS ({found}))"
        asked = " AND ".join(part for part in (self._complete(), worth) if part)
        body = "".join(f"  {line}\n" for line in written.splitlines())
        gone = f"{pad}  DELETE FROM {guest.table.sql} AS g WHERE {guest.here('g.', host, 'NEW.')};\n"
        otherwise = f"{pad}ELSE\n{gone}" if self.required else ""
        return f"{pad}IF {asked} THEN\n{body}{otherwise}{pad}END IF;\n"

    def _of_guest(self) -> str:
        host, guest = self.host, self.guest
        moved = f"{_row(guest.key, 'OLD.')} IS DISTINCT FROM {_row(guest.key, 'NEW.')}"
        values = [f"NEW.{quote(name)}" for name in guest.columns]
        return (
            "  IF TG_OP = 'DELETE' THEN\n"
            f"{self._reset(2)}"
            "    RETURN NULL;\n"
            "  ELSIF TG_OP = 'UPDATE' THEN\n"
            f"    IF {moved} THEN\n{self._reset(3)}"
            "    END IF;\n"
            "  END IF;\n"
            f"{locked(host.table, 'h', host.here('h.', guest, 'NEW.'), 1)}"
            f"  UPDATE {host.table.sql} AS h SET {host.set_to(values)}\n"
            f"  WHERE {host.here('h.', guest, 'NEW.')} AND record_image_ne({host.row('h.')}, {guest.row('NEW.')});\n"
            "  RETURN NULL;\n"
        )

    def _reset(self, depth: int) -> str:
        """The host forgets what was deleted from the guest, unless it holds something else by now."""
        host, guest, pad = self.host, self.guest, "  " * depth
        here = host.here("h.", guest, "OLD.")
        return (
            f"{locked(host.table, 'h', here, depth)}"
            f"{pad}UPDATE {host.table.sql} AS h SET {host.set_to(self.defaults)}\n"
            f"{pad}WHERE {here}\n"
            f"{pad}  AND NOT record_image_ne({host.row('h.')}, {guest.row('OLD.')})\n"
            f"{pad}  AND {self._unlike(host.row('h.'))};\n"
        )

    def _yielding(self) -> str:
        guest = self.guest
        empty = (
            f"\n    AND NOT {self._unlike(guest.row('g.', self.steady), self.steady)}" if self.steady else ""
        )
        return (
            f"  DELETE FROM {guest.table.sql} AS g WHERE {guest.here('g.', guest, 'NEW.')}{empty};\n"
            "  RETURN NEW;\n"
        )

    def _emptied(self) -> str:
        host = self.host
        unlike = self._unlike(host.row("h."))
        return (
            f"{refused(f'TRUNCATE of {self.guest.table}', 1)}"
            f"  UPDATE {host.table.sql} AS h SET {host.set_to(self.defaults)}\n  WHERE {unlike};\n"
            "  RETURN NULL;\n"
        )


def trigger_of(function: QualifiedName) -> str:
    """A name that sorts before those of the server's own triggers, which check foreign keys after each row."""
    return derived_name("LOCKGATE", function.name.removeprefix("zz_lockgate_"))


def _made(
    name: QualifiedName, body: str, when: str, table: QualifiedName, unit: str = "ROW"
) -> tuple[str, ...]:
    trigger = quote(trigger_of(name))
    function = (
        f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SECURITY DEFINER\n"
        f"  SET search_path = ''\nAS $lockgate$\nBEGIN\n{body}END;\n$lockgate$"
    )
    return (
        function,
        f"REVOKE ALL ON FUNCTION {name.sql}() FROM PUBLIC",
        f"CREATE TRIGGER {trigger} {when} ON {table.sql}\n  FOR EACH {unit} EXECUTE FUNCTION {name.sql}()",
        f"ALTER TABLE {table.sql} ENABLE ALWAYS TRIGGER {trigger}",
    )


def _pairs(one: End, other: End) -> Sequence[tuple[str, str]]:
    return list(zip(one.columns, other.columns, strict=True))


def _row(names: Sequence[str], prefix: str) -> str:
    return f"ROW({_listed(names, prefix)})"


def _listed(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(prefix + quote(name) for name in names)
