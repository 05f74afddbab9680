"""What a transaction cannot see of a copy: the rows that came after its snapshot, at REPEATABLE READ and SERIALIZABLE.

At READ COMMITTED each statement of a trigger sees all that is committed, and the locks of a backfill let the two pass
each other in order. At the stricter levels a trigger looks with the snapshot of its transaction. A row that was copied
since is not found by DELETE or UPDATE, and would stay behind; a row that was filled since is compared as it was before,
and seems to need nothing. So the trigger asks the server what no snapshot hides: a conflict of keys, or the lock of a
row. Both end such a write in a serialization failure (40001), after which it is tried again with a snapshot that sees
the copy, as every application at these levels has to be ready to do. At READ COMMITTED it costs nothing.

Who reads with such a snapshot must not meet the copies at all before they are his to see: nothing changes names before
every transaction has ended that began before the last copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote

RETRIED: Final = (
    "a transaction at REPEATABLE READ or SERIALIZABLE that began before a row was copied and writes it fails with 40001"
    " and is to be tried again, as always at these levels"
)
"""What the reader of a plan should know about it."""

_FIXED_SNAPSHOT: Final = "current_setting('transaction_isolation') IN ('repeatable read', 'serializable')"


def provoked(insert: str, depth: int) -> str:
    """PL/pgSQL that fails where an INSERT … ON CONFLICT meets a row which the snapshot hides, and changes nothing.

    A row that cannot be inserted for another reason (its parent is gone, its values do not fit) was not copied either.
    """
    return _only_there(
        (
            "BEGIN",
            f"  {insert};",
            "  RAISE triggered_action_exception;",
            "EXCEPTION",
            "  WHEN triggered_action_exception OR integrity_constraint_violation OR data_exception THEN NULL;",
            "END;",
        ),
        depth,
    )


def locked(table: QualifiedName, alias: str, here: str, depth: int) -> str:
    """PL/pgSQL that fails where the rows which meet a condition are not any more what the snapshot shows."""
    return _only_there((f"PERFORM FROM {table.sql} AS {alias} WHERE {here} FOR NO KEY UPDATE;",), depth)


def refused(what: str, depth: int) -> str:
    """PL/pgSQL that refuses what would leave rows behind which the snapshot hides."""
    message = literal(f"{what} needs READ COMMITTED until the change of its table is complete")
    return _only_there(
        (f"RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = {message};",), depth
    )


def _only_there(lines: Iterable[str], depth: int) -> str:
    pad = "  " * depth
    return "".join(
        f"{pad}{line}\n" for line in (f"IF {_FIXED_SNAPSHOT} THEN", *(f"  {one}" for one in lines), "END IF;")
    )


def awaited(table: QualifiedName) -> tuple[str, str]:
    """The statements that end when no snapshot is left from before them; where an index is built, that does it already.

    CREATE INDEX CONCURRENTLY waits for such transactions (``WaitForOlderSnapshots``), also where it has no row to hold.
    """
    name = QualifiedName(table.schema, derived_name("zz_lockgate_await", table.name))
    return (
        f"CREATE INDEX CONCURRENTLY {quote(name.name)} ON {table.sql} ((true)) WHERE false",
        f"DROP INDEX CONCURRENTLY {name.sql}",
    )
