"""Which of a hosted Supabase project's addresses a connection string leads to, and which one to use instead.

A project has four: the direct one (IPv6 only, unless the IPv4 add-on is booked), the shared pooler in session mode and
in transaction mode, and, where it is booked, a pooler of its own. A migration needs a session: the direct address or
the session pooler.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

from lockgate.config.targets import parse_conninfo

_DIRECT: Final = re.compile(r"db\.([a-z0-9]{12,30})\.supabase\.(?:co|red)", re.IGNORECASE)
_POOLER: Final = re.compile(r"[a-z0-9-]+\.pooler\.supabase\.(?:com|green)", re.IGNORECASE)
_TRANSACTION_PORT: Final = "6543"
_UNKNOWN_POOLER: Final = "<region>.pooler.supabase.com"


class Kind(enum.StrEnum):
    """What answers at an address."""

    DIRECT = "the direct connection"
    SESSION_POOLER = "the shared pooler in session mode"
    TRANSACTION_POOLER = "the shared pooler in transaction mode"
    DEDICATED_POOLER = "the project's own pooler, in transaction mode"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of a hosted project; ``reference`` is the project's, empty where the address does not tell it."""

    kind: Kind
    host: str
    user: str
    reference: str
    database: str

    @property
    def keeps_sessions(self) -> bool:
        """Whether a migration can be run through it."""
        return self.kind in (Kind.DIRECT, Kind.SESSION_POOLER)

    @property
    def direct(self) -> str:
        """The direct address, without a password."""
        return f"postgresql://postgres@db.{self.reference or '<ref>'}.supabase.co:5432/{self.database}"

    @property
    def session_pooler(self) -> str:
        """The address of the shared pooler in session mode, without a password."""
        host = self.host if _POOLER.fullmatch(self.host) else _UNKNOWN_POOLER
        return f"postgresql://postgres.{self.reference or '<ref>'}@{host}:5432/{self.database}"


def endpoint_of(conninfo: str) -> Endpoint | None:
    """Which address of a hosted project a connection string leads to; None for any other server."""
    found = parse_conninfo(conninfo)
    host, port, user = found.get("host", ""), found.get("port", "5432"), found.get("user", "")
    database = found.get("dbname") or "postgres"
    in_transactions = port == _TRANSACTION_PORT
    if match := _DIRECT.fullmatch(host):
        kind = Kind.DEDICATED_POOLER if in_transactions else Kind.DIRECT
        return Endpoint(kind, host, user, match[1], database)
    if _POOLER.fullmatch(host):
        kind = Kind.TRANSACTION_POOLER if in_transactions else Kind.SESSION_POOLER
        return Endpoint(kind, host, user, user.partition(".")[2], database)
    return None


def advice(conninfo: str) -> tuple[str, ...]:
    """What to connect to instead, as lines to show; empty where the address is another server's, or fits."""
    endpoint = endpoint_of(conninfo)
    if endpoint is None:
        return ()
    if not endpoint.keeps_sessions:
        return (
            f"{endpoint.session_pooler}    the pooler in session mode (IPv4)",
            f"{endpoint.direct}    the direct connection (IPv6, or the IPv4 add-on)",
        )
    if endpoint.kind is Kind.SESSION_POOLER and not endpoint.reference:
        return (f"{endpoint.session_pooler}    on the pooler the user names the project",)
    if endpoint.kind is Kind.DIRECT and "." in endpoint.user:
        return (f"{endpoint.direct}    on the direct connection the user is postgres",)
    return ()


def detour(conninfo: str) -> tuple[str, ...]:
    """The way round for a network without IPv6, where the direct address cannot be reached."""
    endpoint = endpoint_of(conninfo)
    if endpoint is None or endpoint.kind is not Kind.DIRECT:
        return ()
    return (
        f"{endpoint.session_pooler}    the pooler in session mode, with IPv4; the dashboard shows its host",
    )
