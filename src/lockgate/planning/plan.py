"""The Plan: what will really happen, as frozen values with a canonical JSON form and a digest.

Explaining, proving, running, undoing and reporting all walk the same Plan, so a dry run cannot say anything else than
what the run does.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lockgate.errors import LockgateError
from lockgate.types import LockMode, RelationLock

FORMAT: Final = 1
"""The version of the JSON form; a reader refuses a newer one."""


class PhaseKind(enum.StrEnum):
    """The guide's three phases: add what is new, move to it, remove what is old."""

    EXPAND = "expand"
    MIGRATE = "migrate"
    CONTRACT = "contract"


class StepKind(enum.StrEnum):
    """What a step does; the engine asks an executor by this kind."""

    DDL = "ddl"
    BACKFILL = "backfill"
    VALIDATE = "validate"
    SWITCH = "switch"
    CHECK = "check"
    GATE = "gate"


class LockPolicy(enum.StrEnum):
    """How the engine waits for locks.

    ``SHORT`` queues others behind it, so it gives up soon and tries again; ``PATIENT`` (CONCURRENTLY, VALIDATE) holds
    weak locks for long and must not be cut off by a lock time-out.
    """

    SHORT = "short"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Probe:
    """A query that tells from the catalog alone how far a step got: one row, one column, 'none', 'half' or 'done'.

    ``clean`` runs when the step is half done; afterwards the step counts as done where ``finishes`` is set, and is
    done from its beginning where it is not.
    """

    sql: str
    clean: tuple[str, ...] = ()
    finishes: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """How a step is undone: statements in order, or None and the reason why there is no way back."""

    sql: tuple[str, ...] | None
    reason: str | None = None

    @property
    def possible(self) -> bool:
        """Whether there is a way back at all."""
        return self.sql is not None


NO_UNDO: Final = Undo(None, "no rollback is known")


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work with its own place in the journal.

    ``sql`` holds the statements in order. Steps next to each other with the same ``transaction`` number are committed
    together; ``transaction`` is None for a step that must run outside of one. ``statements`` are the indexes of the
    file's statements that it came from. Times are milliseconds; None leaves the engine's default.
    """

    id: str
    kind: StepKind
    title: str
    sql: tuple[str, ...]
    transaction: int | None
    locks: tuple[RelationLock, ...] = ()
    lock_policy: LockPolicy = LockPolicy.SHORT
    lock_timeout_ms: int | None = None
    statement_timeout_ms: int | None = None
    probe: Probe | None = None
    undo: Undo = NO_UNDO
    point_of_no_return: bool = False
    statements: tuple[int, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def strongest_lock(self) -> LockMode | None:
        """The strongest lock on any relation that existed before."""
        return max((lock.mode for lock in self.locks), default=None)

    def option(self, name: str) -> str | None:
        """A directive's option (``batch``, ``key`` …), or None."""
        return dict(self.options).get(name)


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition outside the database that a person confirms before the next phase may begin."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps of one kind, and the gate that stands before them (None: it may begin at once)."""

    kind: PhaseKind
    steps: tuple[Step, ...]
    gate: Gate | None = None
    application: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will happen for one migration or one change.

    ``version`` is the 14 digits; ``checksum`` that of the file's bytes; ``server_version`` the major version that the
    forecasts hold for; ``catalog_fingerprint`` the schema that it was made for, when known; ``undo`` is the way back
    of the whole (a rollback file), where the steps have none of their own.
    """

    version: str
    name: str
    checksum: str
    server_version: int
    phases: tuple[Phase, ...]
    catalog_fingerprint: str | None = None
    notes: tuple[str, ...] = ()
    undo: Undo = NO_UNDO

    @property
    def label(self) -> str:
        """What people call it: version and name, or the name alone of a file that has no version, or begins with it."""
        begins = self.name.replace("_", "", 1).startswith(self.version)
        return self.name if begins else f"{self.version}_{self.name}"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @property
    def strongest_lock(self) -> LockMode | None:
        """The strongest lock of all steps."""
        return max((mode for step in self.steps if (mode := step.strongest_lock)), default=None)

    @property
    def reversible(self) -> bool:
        """Whether there is a way back: of the whole, or of every step."""
        return self.undo.possible or all(step.undo.possible for step in self.steps)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, in hex."""
        return digest_of(self.canonical_json())

    def canonical_json(self) -> str:
        """The JSON form with sorted keys and no blanks: equal plans give equal text."""
        return _canonical(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """The Plan as plain JSON values, with the format version."""
        return {"format": FORMAT, **_encode(self)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Plan:
        """Read what :meth:`to_json` wrote; raises LockgateError for a newer format or a broken document."""
        if document.get("format") != FORMAT:
            raise LockgateError(
                f"the plan has format {document.get('format')!r}, this Lockgate reads format {FORMAT}",
                next_steps=["upgrade Lockgate, or make the plan again with lockgate plan"],
            )
        try:
            return _plan(document)
        except (KeyError, TypeError, ValueError) as error:
            raise LockgateError(f"the plan cannot be read: {error!r}") from error


def digest_of(text: str) -> str:
    """SHA-256 of the canonical JSON form of a Plan, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# Made once: ``json.dumps`` with options makes an encoder at every call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def transaction_groups(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Steps that are committed together, in order; a step outside any transaction is a group of its own."""
    group: list[Step] = []
    for step in steps:
        if group and (step.transaction is None or step.transaction != group[-1].transaction):
            yield tuple(group)
            group = []
        group.append(step)
    if group:
        yield tuple(group)


_PLAIN = frozenset((str, int, bool, float, type(None)))


def _encode(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple:
        return [_encode(item) for item in value]
    if isinstance(value, LockMode):
        return value.pg_name
    if isinstance(value, enum.StrEnum):
        return value.value
    return {
        name: item if type(item := getattr(value, name)) in _PLAIN else _encode(item)
        for name in value.__dataclass_fields__
    }


def _plan(doc: dict[str, Any]) -> Plan:
    return Plan(
        version=doc["version"],
        name=doc["name"],
        checksum=doc["checksum"],
        server_version=doc["server_version"],
        phases=tuple(_phase(item) for item in doc["phases"]),
        catalog_fingerprint=doc["catalog_fingerprint"],
        notes=tuple(doc["notes"]),
        undo=_undo(doc["undo"]),
    )


def _phase(doc: dict[str, Any]) -> Phase:
    gate = doc["gate"]
    return Phase(
        kind=PhaseKind(doc["kind"]),
        steps=tuple(_step(item) for item in doc["steps"]),
        gate=Gate(**gate) if gate else None,
        application=doc["application"],
    )


def _step(doc: dict[str, Any]) -> Step:
    return Step(
        id=doc["id"],
        kind=StepKind(doc["kind"]),
        title=doc["title"],
        sql=tuple(doc["sql"]),
        transaction=doc["transaction"],
        locks=tuple(_lock(item) for item in doc["locks"]),
        lock_policy=LockPolicy(doc["lock_policy"]),
        lock_timeout_ms=doc["lock_timeout_ms"],
        statement_timeout_ms=doc["statement_timeout_ms"],
        probe=_probe(doc["probe"]) if doc["probe"] else None,
        undo=_undo(doc["undo"]),
        point_of_no_return=doc["point_of_no_return"],
        statements=tuple(doc["statements"]),
        options=tuple((name, value) for name, value in doc["options"]),
    )


def _undo(doc: dict[str, Any]) -> Undo:
    return Undo(None if doc["sql"] is None else tuple(doc["sql"]), doc["reason"])


def _probe(doc: dict[str, Any]) -> Probe:
    return Probe(doc["sql"], tuple(doc["clean"]), doc["finishes"])


def _lock(doc: dict[str, Any]) -> RelationLock:
    return RelationLock(**{**doc, "mode": LockMode.from_pg(doc["mode"])})
