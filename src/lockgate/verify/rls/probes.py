"""Acts as somebody: one statement, under a role and with claims, in a transaction that is never committed.

As PostgREST does it: ``SET LOCAL ROLE``, the claims of the token as ``request.jwt.claims`` and in the older settings
of one claim each, and its search path. What a statement did is looked at and taken back to a savepoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from lockgate.sql.identifiers import literal
from lockgate.verify.rls.model import Persona

Connection = psycopg.Connection[Any]

SEARCH_PATH: Final = "public, extensions"
_SAVEPOINT: Final = "lockgate_probe"
_LEGACY: Final = ("sub", "role", "email", "aud", "aal")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: rows, or the error and the place in the server's source that raised it."""

    rows: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    sqlstate: str | None = None
    message: str = ""
    source: str = ""

    @property
    def refused(self) -> bool:
        """Whether the server said no in any way."""
        return self.sqlstate is not None

    @property
    def words(self) -> str:
        """What the server said, without what may come from a row."""
        if (self.sqlstate or "")[:2] in ("22", "23", "P0"):
            return psycopg.errors.lookup(str(self.sqlstate)).__name__
        return self.message

    @property
    def by_policy(self) -> bool:
        """Whether a row offended a policy (as against a privilege that is missing, which has the same SQLSTATE)."""
        return self.sqlstate == "42501" and self.source == "ExecWithCheckOptions"

    @property
    def by_constraint(self) -> bool:
        """Whether policies let it pass and a constraint stopped it: those are looked at after the policies."""
        return self.sqlstate is not None and self.sqlstate.startswith("23")


@dataclass(slots=True)
class Prober:
    """Tries statements on one connection, inside the transaction that :func:`probing` holds open."""

    connection: Connection
    path: str = SEARCH_PATH
    opening: bytes = b""
    count: int = 0

    def renew(self) -> None:
        """Roll everything back and begin a new transaction, so that no vacuum has to wait for a long one."""
        self.connection.execute(b"ROLLBACK;" + self.opening)

    def act(self, persona: Persona, statement: str, *, before: str = "") -> Outcome:
        """Try one statement as somebody and take it back; ``before`` runs as the connection's own role."""
        return self._run(f"{before}{persona.before}{_become(persona, self.path)};{statement}")

    def act_then(self, persona: Persona, statement: str, look: str) -> Outcome:
        """Try a statement as somebody, then look at what it did as the connection's own role; take it back."""
        return self._run(
            f"{persona.before}{_become(persona, self.path)};{statement};"
            f"SELECT pg_catalog.set_config('role', 'none', true);{look}"
        )

    def control(self, statement: str) -> Outcome:
        """Try a statement as the connection's own role; an error instead of hidden rows when policies bind it, too."""
        return self._run(f"SET LOCAL row_security = off;{statement}")

    def own(self, statement: str) -> Outcome:
        """Try a statement as the connection's own role and take it back."""
        return self._run(statement)

    def _run(self, script: str) -> Outcome:
        """One message there and back: taking back the probe before goes along with this one."""
        self.count += 1
        cursor = self.connection.cursor()
        try:
            cursor.execute(f"ROLLBACK TO {_SAVEPOINT};{script}".encode())
            while cursor.nextset():
                pass
            rows = tuple(cursor.fetchall()) if cursor.description else ()
            return Outcome(rows, max(cursor.rowcount, 0))
        except psycopg.OperationalError as error:
            if self.connection.broken:
                raise
            return _failed(error)
        except psycopg.Error as error:
            return _failed(error)


@contextmanager
def probing(
    connection: Connection,
    *,
    path: str = SEARCH_PATH,
    lock_timeout: str = "200ms",
    statement_timeout: str = "5s",
) -> Iterator[Prober]:
    """Hold a transaction open for probes and roll it back at the end; the connection is in autocommit.

    ``storage.allow_delete_query`` is what the Storage service sets: without it every deletion there is refused.
    """
    settings = {
        "lock_timeout": lock_timeout,
        "statement_timeout": statement_timeout,
        "idle_in_transaction_session_timeout": "60s",
        "storage.allow_delete_query": "true",
    }
    prober = Prober(connection, path, _opening(settings))
    connection.execute(prober.opening)
    try:
        yield prober
    finally:
        if not connection.broken:
            connection.execute("ROLLBACK")


def _opening(settings: Mapping[str, str]) -> bytes:
    calls = ", ".join(
        f"pg_catalog.set_config({literal(name)}, {literal(value)}, true)" for name, value in settings.items()
    )
    return f"BEGIN;SELECT {calls};SAVEPOINT {_SAVEPOINT}".encode()


def _failed(error: psycopg.Error) -> Outcome:
    diagnostic = error.diag
    return Outcome(
        sqlstate=error.sqlstate or "XX000",
        message=diagnostic.message_primary or type(error).__name__,
        source=diagnostic.source_function or "",
    )


def _become(persona: Persona, path: str) -> str:
    settings = {"search_path": path, **_claim_settings(persona.claims), **dict(persona.settings)}
    # The role comes last: what it may not set is set by then.
    settings["role"] = persona.role
    calls = ", ".join(
        f"pg_catalog.set_config({literal(name)}, {literal(value)}, true)" for name, value in settings.items()
    )
    return f"SELECT {calls}"


def _claim_settings(claims: Mapping[str, object] | None) -> dict[str, str]:
    """The token as a whole, and claim by claim as older versions have it; empty for nobody."""
    if claims is None:
        return {}
    settings = {"request.jwt.claims": json.dumps(claims)}
    for name in _LEGACY:
        value = claims.get(name)
        settings[f"request.jwt.claim.{name}"] = str(value) if value is not None else ""
    return settings
