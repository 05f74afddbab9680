"""Connections to a target: opened with pinned settings that are verified, never continued on another server."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lockgate.config.endpoints import advice
from lockgate.engine import connecting
from lockgate.engine.policy import Patience
from lockgate.errors import ConnectionFailedError, LockgateError, UnfitTargetError
from lockgate.sql import queries
from lockgate.sql.identifiers import literal

OLDEST_SERVER: Final = 140000

_DURABLE: Final = (
    "set_config('synchronous_commit', coalesce("
    "nullif(nullif(current_setting('synchronous_commit'), 'off'), 'local'), 'on'), false)"
)
"""What is recorded as done must survive a crash of the server, whatever this role is used to."""

_UNHURRIED: Final = (
    "BEGIN READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
    " SET LOCAL idle_in_transaction_session_timeout = 0"
)

Connection = psycopg.Connection[Any]
Opened = TypeVar("Opened")


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What must stay the same for as long as a run lasts."""

    system_identifier: str | None
    timeline: int | None
    database: str
    database_oid: int
    version_num: int

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.version_num // 10000


def application_name(run_id: uuid.UUID, part: str = "") -> str:
    """How our sessions call themselves, so that an orphan is recognised: ``lockgate <run> [part]``."""
    return f"lockgate {run_id.hex[:16]} {part}".strip()


class Session:
    """One connection to the target that is opened anew when it is lost, with the same settings, on the same server.

    ``search_path`` is what every migration starts with; None keeps what the role has.
    """

    def __init__(
        self,
        conninfo: str,
        run_id: uuid.UUID,
        *,
        part: str = "",
        patience: Patience | None = None,
        search_path: str | None = None,
        writable: bool = True,
    ) -> None:
        try:
            self._conninfo = make_conninfo(
                conninfo, application_name=application_name(run_id, part), **_defaults(conninfo)
            )
        except psycopg.ProgrammingError as error:
            raise connecting.unreadable(error) from None
        self.run_id = run_id
        self._part = part
        self.patience = patience or Patience()
        self._search_path = search_path
        self._writable = writable
        self._given = conninfo
        self.last_transaction: tuple[str, tuple[int, ...]] | None = None
        self._notice: Callable[[str, str], None] | None = None
        self._major = 0
        self._triggers_off = False
        self.connection, self.identity = self._open()

    @property
    def backend_pid(self) -> int:
        """The process id of our backend on the server."""
        return self.connection.info.backend_pid

    def on_notice(self, handler: Callable[[str, str], None]) -> None:
        """Call ``handler(severity, message)`` for what the server says besides its answers."""
        self._notice = handler
        self.connection.add_notice_handler(self._tell)

    def pin(self) -> None:
        """Bring every setting back to where a migration starts, whatever ran before."""
        self.connection.execute(b"; ".join(self.pinning()))

    def sibling(self, part: str, *, patient: bool = False) -> Session:
        """Another session of the same run on the same server; raises UnfitTargetError when another one answers.

        A ``patient`` one waits within the budget while the server, or this role, has no free connection.
        """

        def attempt() -> Session:
            return Session(
                self._given, self.run_id, part=part, patience=self.patience, search_path=self._search_path
            )

        other = self._patiently(attempt) if patient else attempt()
        self._refuse_other_server(other.connection, other.identity)
        return other

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back by the server."""
        self.connection.close()

    def reconnect(self, on_wait: Callable[[str, float], None] | None = None) -> None:
        """Open the connection anew, waiting for the server within the budget.

        Raises UnfitTargetError when another server answers, ConnectionFailedError when none does in time.
        """
        self.connection.close()
        try:
            connection, identity = self._patiently(self._open, on_wait)
        except (UnfitTargetError, ConnectionFailedError) as error:
            raise _in_the_middle(error) from error
        self._refuse_other_server(connection, identity)
        self.connection, self.identity = connection, identity
        if self._notice:
            connection.add_notice_handler(self._tell)

    def _patiently(
        self, attempt: Callable[[], Opened], on_wait: Callable[[str, float], None] | None = None
    ) -> Opened:
        """Try again while waiting may help and the budget lasts."""
        deadline, number = time.monotonic() + self.patience.reconnect_budget, 1
        while True:
            number += 1
            try:
                return attempt()
            except ConnectionFailedError as error:
                pause = random.uniform(0.1, self.patience.sleep_bound(number))  # noqa: S311
                if not connecting.may_come_back(error) or time.monotonic() + pause > deadline:
                    raise
                if on_wait:
                    on_wait(error.message, pause)
                time.sleep(pause)

    def _tell(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        if self._notice:
            self._notice(diagnostic.severity_nonlocalized or "NOTICE", diagnostic.message_primary or "")

    def _open(self) -> tuple[Connection, ServerIdentity]:
        connection = connecting.connect(self._conninfo)
        try:
            identity = self._check(connection)
            self._major = identity.major
            self._pin_for_the_first_time(connection)
        except psycopg.OperationalError as error:
            connection.close()
            raise connecting.explain(error, self._conninfo) from error
        except BaseException:
            connection.close()
            raise
        return connection, identity

    def _check(self, connection: Connection) -> ServerIdentity:
        version = connection.info.server_version
        if version < OLDEST_SERVER:
            raise UnfitTargetError(
                f"The server is PostgreSQL {version // 10000}; Lockgate needs 14 or newer.",
                state="nothing was changed",
                next_steps=["upgrade the server, or use another tool for it"],
            )
        # Time-outs of the role or the database hold until ours are set, and behind a pooler only SET LOCAL is ours.
        connection.execute(_UNHURRIED)
        _refuse_pooler(connection)
        row = connection.execute(queries.read("lockgate.engine", "identity")).fetchone()
        assert row is not None
        database, oid, in_recovery, read_only, self._triggers_off, may_read_control, standby_away = row
        if self._writable:
            _refuse_read_only(in_recovery=in_recovery, read_only=read_only)
            _refuse_endless_commits(standby_away=standby_away)
        system, timeline = _control(connection) if may_read_control else (None, None)
        connection.execute("COMMIT")
        return ServerIdentity(system, timeline, database, oid, version)

    def _pin_for_the_first_time(self, connection: Connection) -> None:
        try:
            connection.execute(b"; ".join(self.pinning()))
        except psycopg.errors.InsufficientPrivilege as error:
            raise UnfitTargetError(
                "Triggers and foreign keys are switched off for this role (session_replication_role).",
                state="nothing was changed",
                why=str(error).splitlines()[0],
                next_steps=[
                    "ALTER ROLE … RESET session_replication_role, as a superuser; ALTER DATABASE … too",
                    "or connect as another role",
                ],
            ) from error
        self._verify(connection)

    def pinning(self) -> tuple[bytes, ...]:
        """The statements that bring every setting back to where a migration starts; the last one sets the values."""
        values = [_set(name, value) for name, value in self._settings().items() if value]
        pinned = "SELECT " + ", ".join((*values, _DURABLE))
        return b"RESET SESSION AUTHORIZATION", b"RESET ALL", pinned.encode()

    def _settings(self) -> dict[str, str | None]:
        patience = self.patience
        return {
            "lock_timeout": _duration(patience.lock_timeout),
            "statement_timeout": _duration(patience.statement_timeout),
            "idle_in_transaction_session_timeout": _duration(patience.idle_in_transaction_timeout),
            "idle_session_timeout": "0",
            "client_connection_check_interval": _duration(patience.check_interval),
            "standard_conforming_strings": "on",
            "row_security": "on",
            "default_transaction_isolation": "read committed",
            "check_function_bodies": "on",
            "quote_all_identifiers": "off",
            "client_encoding": "UTF8",
            "DateStyle": "ISO, MDY",
            "search_path": self._search_path,
            "application_name": self._application_name,
            "transaction_timeout": "0" if self._major >= 17 else None,
            "session_replication_role": "origin" if self._triggers_off else None,
        }

    @property
    def _application_name(self) -> str:
        return application_name(self.run_id, self._part)

    def _verify(self, connection: Connection) -> None:
        """Ask for every setting in a message of its own: what a pooler, or a hook of the server, takes away shows."""
        pinned, told = self._settings(), []
        names = [name for name, value in pinned.items() if value is not None]
        values = ", ".join(f"current_setting({literal(name)})" for name in names)
        row = connection.execute(f"SELECT pg_backend_pid(), {values}").fetchone()
        assert row is not None
        for name, value in zip(names, row[1:], strict=True):
            if not _same(name, str(pinned[name]), value):
                told.append(f"{name} is {value!r} right after it was set to {pinned[name]!r}")
        if told or row[0] != connection.info.backend_pid:
            raise UnfitTargetError(
                "The session does not keep its settings.",
                state="nothing was changed",
                why="; ".join(told) or "the next statement went to another backend",
                next_steps=["use the direct connection of the database, not a pooler"],
            )

    def _refuse_other_server(self, connection: Connection, identity: ServerIdentity) -> None:
        if identity == self.identity:
            return
        connection.close()
        raise UnfitTargetError(
            "Another server answers now at the same address.",
            state="unknown on this server: the run began on the one before",
            why=f"was {_words(self.identity)}, is {_words(identity)}: a failover, an upgrade or a restore",
            next_steps=[
                "lockgate recover   compares the journal with the schema of this server before anything else"
            ],
        )


def _defaults(conninfo: str) -> dict[str, Any]:
    given = conninfo_to_dict(conninfo)
    defaults = {
        "connect_timeout": 10,
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30000,
    }
    return {name: value for name, value in defaults.items() if name not in given}


def _set(name: str, value: str) -> str:
    return f"set_config({literal(name)}, {literal(value)}, false)"


def _refuse_pooler(connection: Connection) -> None:
    first = connection.execute("SELECT pg_backend_pid()").fetchone()
    if first is not None and first[0] == connection.info.backend_pid and connection.info.port != 6543:
        return
    raise UnfitTargetError(
        f"{connection.info.host}:{connection.info.port} is a connection pooler in transaction mode.",
        state="nothing was changed",
        why="time-outs, locks and prepared statements do not survive there from one transaction to the next",
        next_steps=list(advice(f"host={connection.info.host} port=6543 user={connection.info.user}"))
        or [
            "use the direct connection (Supabase: db.<ref>.supabase.co:5432)",
            "or the pooler in session mode (Supabase: the same pooler host, port 5432)",
        ],
    )


def _refuse_read_only(*, in_recovery: bool, read_only: bool) -> None:
    if in_recovery:
        raise UnfitTargetError(
            "The server is a standby: it only reads.",
            state="nothing was changed",
            next_steps=[
                "connect to the primary (target_session_attrs=read-write finds it in a list of hosts)"
            ],
        )
    if read_only:
        raise UnfitTargetError(
            "The database is in read-only mode (default_transaction_read_only is on).",
            state="nothing was changed",
            why="hosted platforms switch it on when the disk is nearly full; some teams use it for maintenance",
            next_steps=["find out who switched it on and why, then switch it off and run the command again"],
        )


def _refuse_endless_commits(*, standby_away: bool) -> None:
    if standby_away:
        raise UnfitTargetError(
            "Every commit would wait without end: no synchronous standby is connected.",
            state="nothing was changed",
            why="synchronous_standby_names asks for one; no time-out ends that wait, and locks are held meanwhile",
            next_steps=[
                "bring a standby back, or let whoever runs the server change synchronous_standby_names"
            ],
        )


def _control(connection: Connection) -> tuple[str | None, int | None]:
    """System identifier and time line."""
    row = connection.execute(queries.read("lockgate.engine", "control")).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _duration(seconds: float) -> str:
    """A time-out as the server reads it; never 0, which would be none at all."""
    return f"{max(1, round(seconds * 1000))}ms"


def _same(name: str, wanted: str, told: str) -> bool:
    """Whether the server tells a setting as it was set; it writes durations in the unit that fits best."""
    if name.endswith(("_timeout", "_interval")):
        return _milliseconds(wanted) == _milliseconds(told)
    return wanted == told


_UNITS: Final = {"": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def _milliseconds(duration: str) -> int:
    digits = duration.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) * _UNITS[duration[len(digits) :]]


def _in_the_middle(error: UnfitTargetError | ConnectionFailedError) -> LockgateError:
    """The same refusal for a run that has begun."""
    return type(error)(
        error.message,
        state="what is recorded as done stays done; what was under way is settled by the next run",
        why=error.why,
        next_steps=[
            *error.next_steps,
            "lockgate status   shows what is applied",
            "then run the same command again: it continues where this one stopped",
        ],
    )


def _words(identity: ServerIdentity) -> str:
    return (
        f"system {identity.system_identifier or 'unknown'}, time line {identity.timeline or 'unknown'},"
        f" database {identity.database} ({identity.database_oid}), version {identity.version_num}"
    )
