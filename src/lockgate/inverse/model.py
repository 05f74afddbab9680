"""What the inverse of a statement consists of, and what a statement takes away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lockgate.catalog.address import Address
from lockgate.sql.identifiers import QualifiedName

NO_FILLS: Mapping[Address, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Policy:
    """How much may be kept and for how long.

    ``limit_bytes`` is the most that one side table may take; ``days`` says when it may go.
    """

    limit_bytes: int = 1 << 30
    days: int = 30


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a statement stands: the version of its file, the names' search path, and the policy.

    ``chunked`` tells that it is run as a backfill, in many transactions.
    """

    version: str
    search_path: tuple[str, ...] = ("public",)
    policy: Policy = Policy()
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """What is put aside so that nothing is lost.

    ``before`` and ``after`` run in the statement's transaction, ``instead`` takes the place of the statement (it runs
    it and keeps what it returns). ``fills`` put rows back into what the schema's inverse makes anew; ``restore`` runs
    once the schema is back. ``tables`` are the side tables, ``what`` says in words what they hold. ``rows`` and
    ``bytes`` are a forecast, -1 where nothing is known.
    """

    what: str
    tables: tuple[QualifiedName, ...]
    before: tuple[str, ...] = ()
    instead: str | None = None
    after: tuple[str, ...] = ()
    fills: Mapping[Address, tuple[str, ...]] = field(default_factory=lambda: NO_FILLS)
    restore: tuple[str, ...] = ()
    rows: int = -1
    bytes: int = -1


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why something that a statement takes away cannot be kept."""

    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must hold once the inverse has run; ``sql`` is one boolean expression, names qualified."""

    sql: str
    message: str


@dataclass(frozen=True, slots=True)
class Inverse:
    """How a statement, or a run of statements, is undone.

    ``sql`` are the statements in order, or None: then ``reason`` says why there is no way back. ``keeps`` must be done
    before the statement, else the inverse brings back the schema without its rows. ``statements`` are the indexes of
    the file's statements that it undoes. ``remarks`` tell what stays different although it does no harm.
    """

    sql: tuple[str, ...] | None
    reason: str | None = None
    keeps: tuple[Keep, ...] = ()
    checks: tuple[Check, ...] = ()
    statements: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether there is a way back at all."""
        return self.sql is not None
