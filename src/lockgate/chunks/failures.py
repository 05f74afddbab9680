"""What to do when a chunk fails, by the server's error code."""

from __future__ import annotations

import enum

import psycopg


class Remedy(enum.Enum):
    """What helps against a failure."""

    SMALLER = "try again with a smaller chunk"
    ROW = "a row cannot be changed: find it and set it aside"
    RECONNECT = "connect again and go on behind the last committed chunk"
    LEASE_LOST = "another worker has the range: take another one"
    MOVED = "the rows have moved: walk the table anew"
    STOP = "nothing helps without a person"


LEASE_LOST = "LG001"
MOVED = "LG002"
SWAPPED = "LG003"
FENCED = "LG004"

_OURS = {
    LEASE_LOST: "another worker has taken over",
    MOVED: "the rows have moved, because the table was rewritten",
    SWAPPED: "the table was dropped, or another one has taken its name",
    FENCED: "another run has taken over this database",
}
_EXACT = {
    "55P03": Remedy.SMALLER,  # lock_not_available
    "40P01": Remedy.SMALLER,  # deadlock_detected
    "40001": Remedy.SMALLER,  # serialization_failure
    "57014": Remedy.SMALLER,  # query_canceled, which is what statement_timeout raises
    "53200": Remedy.SMALLER,  # out_of_memory
    "53300": Remedy.RECONNECT,  # too_many_connections
    "57P01": Remedy.RECONNECT,  # admin_shutdown
    "57P02": Remedy.RECONNECT,  # crash_shutdown
    "57P03": Remedy.RECONNECT,  # cannot_connect_now
    "57P05": Remedy.RECONNECT,  # idle_session_timeout
    "25P03": Remedy.RECONNECT,  # idle_in_transaction_session_timeout
    LEASE_LOST: Remedy.LEASE_LOST,
    MOVED: Remedy.MOVED,
    SWAPPED: Remedy.STOP,
    FENCED: Remedy.STOP,
}
_CLASSES = {
    "08": Remedy.RECONNECT,  # connection_exception
    "21": Remedy.ROW,  # cardinality_violation
    "22": Remedy.ROW,  # data_exception
    "23": Remedy.ROW,  # integrity_constraint_violation
    "27": Remedy.ROW,  # triggered_data_change_violation
    "38": Remedy.ROW,  # external_routine_exception
    "44": Remedy.ROW,  # with_check_option_violation
    "P0": Remedy.ROW,  # raised by PL/pgSQL, mostly in a trigger
}


def remedy(error: psycopg.Error) -> Remedy:
    """What helps against an error; one without a code is a connection that broke."""
    code = error.sqlstate
    if code is None:
        return Remedy.RECONNECT if isinstance(error, psycopg.OperationalError) else Remedy.STOP
    return _EXACT.get(code) or _CLASSES.get(code[:2], Remedy.STOP)


def describe(error: psycopg.Error) -> str:
    """The cause without any value of a row: the condition's name, and the constraint, column or table at fault."""
    if error.sqlstate in _OURS:
        return _OURS[error.sqlstate]
    diag = error.diag
    name = type(error).__name__
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    places = [
        f"{label} {value}"
        for label, value in (
            ("constraint", diag.constraint_name),
            ("column", diag.column_name),
            ("type", diag.datatype_name),
        )
        if value
    ]
    return ", ".join([words, *places])
