"""Keeps another table in step with a table, row by row, in the transaction of whoever writes.

The function runs as its owner, with nothing in its search path, so that no client needs any right on the other table.
It compares nothing: each insert, update, delete and TRUNCATE is done again by key. An update stays an update, also of
the key: foreign keys that point to the follower must not take it for a delete. A backfill that locks the row it copies
cannot bring back what was deleted meanwhile, and a writer whose snapshot hides the copy (``planning.unseen``) does not
leave it behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.planning.unseen import provoked, refused
from lockgate.sql.identifiers import QualifiedName, derived_name, quote


@dataclass(frozen=True, slots=True)
class Follower:
    """``follower`` gets every change of ``leader``: ``columns`` are written, ``key`` finds the row.

    ``locked`` is how a row is locked while it is copied. ON CONFLICT looks at ``key`` alone: where the follower has
    other unique keys, or exclusions, an update in the same moment would meet the copy there, so it has to wait for it.
    A follower that foreign keys point to (``referenced``) cannot be truncated alone; rows that point to it are gone by
    then.
    ``converted`` are columns that have another type there, each with its expression of ``{value}``; ``path`` is where
    they look names up.
    """

    leader: QualifiedName
    follower: QualifiedName
    columns: tuple[str, ...]
    key: tuple[str, ...]
    locked: str = "KEY SHARE"
    referenced: bool = False
    converted: tuple[tuple[str, str], ...] = ()
    path: tuple[str, ...] = ()

    @property
    def name(self) -> QualifiedName:
        """The name of the functions and triggers; the one for TRUNCATE has a suffix."""
        return QualifiedName(self.leader.schema, derived_name("zz_lockgate_follow", self.leader.name))

    @property
    def _truncation(self) -> QualifiedName:
        return QualifiedName(
            self.leader.schema, derived_name("zz_lockgate_follow", self.leader.name, suffix="_all")
        )

    def create(self) -> tuple[str, ...]:
        """The statements that put it in place, for one transaction."""
        row, whole, table = self.name, self._truncation, self.leader.sql
        return (
            self._function(row, self._body()),
            f"REVOKE ALL ON FUNCTION {row.sql}() FROM PUBLIC",
            self._function(whole, self._emptied()),
            f"REVOKE ALL ON FUNCTION {whole.sql}() FROM PUBLIC",
            _trigger(row, "INSERT OR UPDATE OR DELETE", table, "ROW"),
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quote(row.name)}",
            _trigger(whole, "TRUNCATE", table, "STATEMENT"),
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quote(whole.name)}",
        )

    def drop(self) -> tuple[str, ...]:
        """The statements that take it away."""
        return (
            f"DROP TRIGGER {quote(self.name.name)} ON {self.leader.sql}",
            f"DROP TRIGGER {quote(self._truncation.name)} ON {self.leader.sql}",
            f"DROP FUNCTION {self.name.sql}()",
            f"DROP FUNCTION {self._truncation.sql}()",
        )

    def backfill(self) -> str:
        """The statement that copies the rows which were there before; each is locked while it is copied."""
        return (
            f"-- lockgate: backfill\nINSERT INTO {self.follower.sql} ({_listed(self.columns)})"
            f" SELECT {self._values()} FROM {self.leader.sql} FOR {self.locked}"
            f" ON CONFLICT ({_listed(self.key)}) DO NOTHING"
        )

    def _emptied(self) -> str:
        if not self.referenced:
            return f"  TRUNCATE {self.follower.sql};\n  RETURN NULL;\n"
        rows = refused(f"TRUNCATE of {self.leader}", 1)
        return f"{rows}  DELETE FROM {self.follower.sql};\n  RETURN NULL;\n"

    def _body(self) -> str:
        target = self.follower.sql
        same = " AND ".join(f"f.{quote(name)} = {self._value(name, 'OLD.')}" for name in self.key)
        values = ", ".join(f"{quote(name)} = {self._value(name, 'NEW.')}" for name in self.columns)
        rest = [name for name in self.columns if name not in self.key]
        pairs = ", ".join(f"{quote(name)} = EXCLUDED.{quote(name)}" for name in rest)
        action = f"DO UPDATE SET {pairs}" if pairs else "DO NOTHING"
        moved = f"ROW({_listed(self.key, 'NEW.')}) IS DISTINCT FROM ROW({_listed(self.key, 'OLD.')})"
        return (
            "  IF TG_OP = 'DELETE' THEN\n"
            f"    DELETE FROM {target} AS f WHERE {same};\n"
            "    IF NOT FOUND THEN\n"
            f"{self._unseen(3)}"
            "    END IF;\n"
            "    RETURN NULL;\n"
            "  ELSIF TG_OP = 'UPDATE' THEN\n"
            f"    UPDATE {target} AS f SET {values} WHERE {same};\n"
            "    IF FOUND THEN\n"
            "      RETURN NULL;\n"
            f"    ELSIF {moved} THEN\n"
            f"{self._unseen(3)}"
            "    END IF;\n"
            "  END IF;\n"
            f"{self._inserted('NEW.', pad='  ')} {action};\n"
            "  RETURN NULL;\n"
        )

    def _unseen(self, depth: int) -> str:
        """No row of the old key was found: nothing but a conflict tells whether there is one all the same."""
        return provoked(f"{self._inserted('OLD.', pad='  ' * (depth + 2))} DO NOTHING".lstrip(), depth)

    def _inserted(self, row: str, pad: str) -> str:
        return (
            f"{pad}INSERT INTO {self.follower.sql} ({_listed(self.columns)})\n"
            f"{pad}  VALUES ({self._values(row)})\n"
            f"{pad}  ON CONFLICT ({_listed(self.key)})"
        )

    def _values(self, row: str = "") -> str:
        return ", ".join(self._value(name, row) for name in self.columns)

    def _value(self, name: str, row: str) -> str:
        """A column of the leader's row as the follower holds it."""
        return dict(self.converted).get(name, "{value}").format(value=f"{row}{quote(name)}")

    def _function(self, name: QualifiedName, body: str) -> str:
        path = ", ".join(map(quote, self.path)) or "''"
        return (
            f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SECURITY DEFINER\n"
            f"  SET search_path = {path}\nAS $lockgate$\nBEGIN\n{body}END;\n$lockgate$"
        )


def _trigger(name: QualifiedName, events: str, table: str, unit: str) -> str:
    made = f"CREATE TRIGGER {quote(name.name)} AFTER {events} ON {table}"
    return f"{made}\n  FOR EACH {unit} EXECUTE FUNCTION {name.sql}()"


def _listed(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(prefix + quote(name) for name in names)
