"""Opens connections, and turns every way in which that fails into an error that says what to do."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from lockgate.config.endpoints import advice, detour
from lockgate.config.targets import is_this_machine
from lockgate.errors import ConfigError, ConnectionFailedError
from lockgate.local.adapting import LocalCursor
from lockgate.redaction import redact, remember

ONLY_ON_REQUEST: Final = 2**31
"""A prepare_threshold that nothing reaches: statements of migrations are never prepared, the journal's own are."""


class _Cause(NamedTuple):
    marks: tuple[str, ...]
    message: str
    next_step: str
    temporary: bool = False
    remote: bool = False


_CAUSES = (
    _Cause(
        (
            "invalid port number",
            "invalid integer value",
            "invalid sslmode value",
            "invalid channel_binding value",
            "invalid target_session_attrs value",
            "Servname not supported",
        ),
        "The connection string has a value that nobody can use.",
        "correct what is named; the form is postgresql://user@host:5432/database?sslmode=require",
    ),
    _Cause(
        ("invalid response to SSL negotiation", "expected authentication request from server"),
        "Something else than PostgreSQL answers at that address.",
        "check host and port",
    ),
    _Cause(
        ("password authentication failed", "no password supplied", "SCRAM", "28P01"),
        "The server refuses the user name or the password.",
        "check the user and the password; on a Supabase pooler the user is postgres.<project ref>",
    ),
    _Cause(
        ("no pg_hba.conf entry", "28000"),
        "The server does not let this user in from here.",
        "check sslmode, the user and the network restrictions of the server",
    ),
    _Cause(
        ("too many connections for role",),
        "This role has no free connection (CONNECTION LIMIT).",
        "end sessions of the role, or raise its limit with ALTER ROLE; Lockgate needs three connections",
        temporary=True,
    ),
    _Cause(
        ("too many connections for database", "not currently accepting connections"),
        "The database takes no more connections.",
        "end idle sessions, or look at CONNECTION LIMIT and ALLOW_CONNECTIONS of the database",
        temporary=True,
    ),
    _Cause(
        (
            "too many connections",
            "too many clients",
            "remaining connection slots",
            "53300",
            "max clients",
            "MaxClients",
        ),
        "The server has no free connection.",
        "end idle sessions or raise the limit; Lockgate needs three connections",
        temporary=True,
    ),
    _Cause(
        ("FATAL:  role ",),
        "The server does not know this user.",
        "check the user in the connection string",
    ),
    _Cause(
        ("3D000", "FATAL:  database "),
        "There is no such database on the server.",
        "check the name of the database in the connection string",
    ),
    _Cause(
        ("starting up", "shutting down", "in recovery mode", "57P03", "not yet accepting"),
        "The server is starting up or shutting down.",
        "wait until it accepts connections",
        temporary=True,
    ),
    _Cause(
        (
            "could not translate host name",
            "failed to resolve",
            "Name or service not known",
            "nodename nor servname",
        ),
        "The host name cannot be resolved.",
        "check the host; a Supabase direct address has IPv6 only: without IPv6 use the session pooler (port 5432)",
        remote=True,
    ),
    _Cause(
        ("certificate", "SSL", "sslmode"),
        "The encrypted connection could not be made.",
        "check sslmode and sslrootcert",
    ),
    _Cause(
        ("Connection refused", "could not connect", "No such file or directory", "is the server running"),
        "Nothing answers at that address.",
        "check host and port, and that the server runs (the local one: lockgate local start)",
        temporary=True,
    ),
    _Cause(
        ("timeout expired", "timed out", "unreachable", "No route"),
        "The server cannot be reached.",
        "check the address and the network between here and the server",
        temporary=True,
        remote=True,
    ),
    _Cause(
        (
            "server closed the connection",
            "terminating connection",
            "reset by peer",
            "Broken pipe",
            "EOF detected",
        ),
        "The server closed the connection.",
        "look into the server's log; run the command again when it is back",
        temporary=True,
    ),
)


_QUOTED = re.compile(r'"[^"]*"')
_NAMES_AN_OPTION = ("invalid URI query parameter", "invalid connection option")


def unreadable(error: psycopg.ProgrammingError) -> ConfigError:
    """The error of a connection string that cannot be taken apart; what it quotes of it may be a part of a password."""
    text = _one_line(redact(str(error)))
    why = text if text.startswith(_NAMES_AN_OPTION) else _QUOTED.sub("…", text)
    return ConfigError(
        "The connection string cannot be read.",
        state="nothing was changed: the session did not begin",
        why=why,
        next_steps=[
            "write postgresql://user@host:5432/database",
            "signs such as @ / : % [ in a user name or a password are written as %40 %2F %3A %25 %5B",
        ],
    )


class UnreachableError(ConnectionFailedError):
    """A connection that failed, with the knowledge whether waiting may help."""

    temporary = False


def connect(conninfo: str) -> psycopg.Connection[Any]:
    """Open an autocommit connection; raises ConnectionFailedError that names the cause and hides the password."""
    password = _password(conninfo)
    remember(password)
    try:
        connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=ONLY_ON_REQUEST)
        if is_this_machine(conninfo):
            connection.cursor_factory = LocalCursor
        return connection
    except psycopg.OperationalError as error:
        raise explain(error, conninfo) from None
    except psycopg.Error as error:
        raise explain(error, conninfo) from None


def _password(conninfo: str) -> str | None:
    try:
        value = conninfo_to_dict(conninfo).get("password")
    except psycopg.ProgrammingError:
        return None
    return str(value) if value else None


def explain(error: psycopg.Error, conninfo: str) -> ConnectionFailedError:
    """The error of a failed connection in our words."""
    text = redact(str(error))
    for cause in _CAUSES:
        if any(mark in text or mark == error.sqlstate for mark in cause.marks):
            failed = UnreachableError(
                cause.message,
                state="unknown: nobody could ask the server"
                if cause.temporary
                else "nothing was changed: the session did not begin",
                why=_one_line(text),
                next_steps=[cause.next_step, *advice(conninfo), *(detour(conninfo) if cause.remote else ())],
            )
            failed.temporary = cause.temporary
            return failed
    return _in_unknown_words(text)


def _in_unknown_words(text: str) -> UnreachableError:
    """A refusal of a server that speaks another language, which comes without SQLSTATE.

    It is awaited like a restart: only who was connected before waits at all, and then most refusals pass.
    """
    failed = UnreachableError(
        "The connection failed.",
        state="nothing was changed: the session did not begin",
        why=_one_line(text),
        next_steps=[
            "check what the server names: user, password, database, sslmode, its limits",
            "with lc_messages = 'C' on the server Lockgate tells the cause itself",
        ],
    )
    failed.temporary = True
    return failed


def may_come_back(error: ConnectionFailedError) -> bool:
    """Whether waiting may help one who was connected before: the server restarts, is full, or the network is down."""
    return isinstance(error, UnreachableError) and error.temporary


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(dict.fromkeys(lines))[:600]
