"""Connections to a target: opened with pinned settings that are verified, never continued on another server."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lockgate.config.endpoints import advice
from lockgate.engine import connecting
from lockgate.engine.policy import Patience
from lockgate.errors import ConnectionFailedError, UnfitTargetError
from lockgate.sql import queries
from lockgate.sql.identifiers import literal

OLDEST_SERVER: Final = 140000

_DURABLE: Final = (
    "set_config('synchronous_commit', coalesce("
    "nullif(nullif(current_setting('synchronous_commit'), 'off'), 'local'), 'on'), false)"
)
"""What is recorded as done must survive a crash of the server, whatever this role is used to."""

Connection = psycopg.Connection[Any]


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
        self._conninfo = make_conninfo(
            conninfo,
            application_name=application_name(run_id, part),
            **_defaults(conninfo),
        )
        self.run_id = run_id
        self._part = part
        self.patience = patience or Patience()
        self._search_path = search_path
        self._writable = writable
        self._given = conninfo
        self.last_transaction: tuple[str, tuple[int, ...]] | None = None
        self._notice: Callable[[str, str], None] | None = None
        self._major = 0
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

    def sibling(self, part: str) -> Session:
        """Another session of the same run on the same server; raises UnfitTargetError when another one answers."""
        other = Session(
            self._given, self.run_id, part=part, patience=self.patience, search_path=self._search_path
        )
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
        deadline = time.monotonic() + self.patience.reconnect_budget
        attempt = 0
        while True:
            attempt += 1
            try:
                connection, identity = self._open()
                break
            except ConnectionFailedError as error:
                pause = random.uniform(0.1, self.patience.sleep_bound(attempt + 1))  # noqa: S311
                if not connecting.may_come_back(error) or time.monotonic() + pause > deadline:
                    raise
                if on_wait:
                    on_wait(error.message, pause)
                time.sleep(pause)
        self._refuse_other_server(connection, identity)
        self.connection, self.identity = connection, identity
        if self._notice:
            connection.add_notice_handler(self._tell)

    def _tell(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        if self._notice:
            self._notice(diagnostic.severity_nonlocalized or "NOTICE", diagnostic.message_primary or "")

    def _open(self) -> tuple[Connection, ServerIdentity]:
        connection = connecting.connect(self._conninfo)
        try:
            identity = self._check(connection)
            self._major = identity.major
            connection.execute(b"; ".join(self.pinning()))
            self._verify(connection)
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
        _refuse_pooler(connection)
        row = connection.execute(queries.read("lockgate.engine", "identity")).fetchone()
        assert row is not None
        if self._writable:
            _refuse_read_only(in_recovery=row[2], read_only=row[3])
        return ServerIdentity(*_control(connection), row[0], row[1], version)

    def pinning(self) -> tuple[bytes, ...]:
        """The statements that bring every setting back to where a migration starts; the last one sets the values."""
        patience = self.patience
        settings = {
            "lock_timeout": f"{round(patience.lock_timeout * 1000)}ms",
            "statement_timeout": f"{round(patience.statement_timeout * 1000)}ms",
            "idle_in_transaction_session_timeout": f"{round(patience.idle_in_transaction_timeout * 1000)}ms",
            "client_connection_check_interval": f"{round(patience.check_interval * 1000)}ms",
            "standard_conforming_strings": "on",
            "row_security": "on",
            "default_transaction_isolation": "read committed",
            "check_function_bodies": "on",
            "client_encoding": "UTF8",
            "DateStyle": "ISO, MDY",
            "search_path": self._search_path,
            "application_name": self._application_name,
            "transaction_timeout": "0" if self._major >= 17 else None,
        }
        values = [_set(name, value) for name, value in settings.items() if value]
        pinned = "SELECT " + ", ".join((*values, _DURABLE))
        return b"RESET SESSION AUTHORIZATION", b"RESET ALL", pinned.encode()

    @property
    def _application_name(self) -> str:
        return application_name(self.run_id, self._part)

    def _verify(self, connection: Connection) -> None:
        row = connection.execute(
            "SELECT current_setting('lock_timeout'), current_setting('application_name'), pg_backend_pid()"
        ).fetchone()
        assert row is not None
        if row[0] in ("0", "") or row[1] != self._application_name or row[2] != connection.info.backend_pid:
            raise UnfitTargetError(
                "The session does not keep its settings.",
                state="nothing was changed",
                why=f"lock_timeout is {row[0]!r} and application_name {row[1]!r} right after they were set",
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


def _control(connection: Connection) -> tuple[str | None, int | None]:
    """System identifier and time line, where this role may read them."""
    try:
        row = connection.execute(queries.read("lockgate.engine", "control")).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None, None
    return (row[0], row[1]) if row else (None, None)


def _words(identity: ServerIdentity) -> str:
    return (
        f"system {identity.system_identifier or 'unknown'}, time line {identity.timeline or 'unknown'},"
        f" database {identity.database} ({identity.database_oid}), version {identity.version_num}"
    )
