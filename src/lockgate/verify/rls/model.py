"""What the probes know of a database, and what they find: relations, policies, personas, cells, holes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lockgate.sql.identifiers import QualifiedName


class Command(StrEnum):
    """What is tried."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    EXECUTE = "execute"


COMMANDS: Final = (Command.SELECT, Command.INSERT, Command.UPDATE, Command.DELETE)
"""What is tried on a relation; a function can only be executed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, and whether the server fills it."""

    name: str
    type: str
    generated: bool = False
    has_default: bool = False
    not_null: bool = False
    always_identity: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key, with the columns of both ends in the same order."""

    columns: tuple[str, ...]
    target: QualifiedName
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy; ``command`` is one of r a w d * as in pg_policy, expressions are qualified text."""

    name: str
    command: str
    permissive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None
    comment: str = ""

    def serves(self, command: Command) -> bool:
        """Whether it has a say in a command."""
        letter = {"select": "r", "insert": "a", "update": "w", "delete": "d"}[command.value]
        return self.command in ("*", letter)

    def applies_to(self, role: str) -> bool:
        """Whether it holds for a role (memberships of the platform's roles in one another are not followed)."""
        return "public" in self.roles or role in self.roles

    @property
    def effective_check(self) -> str | None:
        """What new rows must fulfil: WITH CHECK, or USING where there is none."""
        return self.check if self.check is not None else self.using

    @property
    def texts(self) -> tuple[str, ...]:
        """Its expressions."""
        return tuple(text for text in (self.using, self.check) if text is not None)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that is on; ``reaches_out`` when its function may do what no rollback takes back."""

    name: str
    before: bool
    reaches_out: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view with all that decides who sees its rows."""

    oid: int
    name: QualifiedName
    kind: str
    rls: bool
    forced: bool
    owner: str
    owner_bypasses: bool
    invoker: bool
    comment: str
    is_partition: bool
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    policies: tuple[Policy, ...]
    triggers: tuple[Trigger, ...]
    estimate: int
    reads: tuple[QualifiedName, ...]
    indexed: frozenset[str]

    @property
    def is_view(self) -> bool:
        """Whether it is a view or a materialized view."""
        return self.kind in ("v", "m")

    @property
    def is_table(self) -> bool:
        """Whether it holds rows of its own under policies."""
        return self.kind in ("r", "p")

    def column(self, name: str) -> Column | None:
        """A column by name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that policies or clients call."""

    oid: int
    name: QualifiedName
    signature: str
    definer: bool
    volatility: str
    is_set: bool
    return_kind: str
    return_type: str
    language: str
    body: str
    arguments: tuple[tuple[str, str], ...]
    defaults: int
    callers: frozenset[str]
    comment: str
    schemas: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name with its arguments, as messages show it."""
        return f"{self.name}({self.signature})"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do with a relation; None for columns means all of them."""

    usage: bool
    select: bool
    delete: bool
    columns: tuple[tuple[str, bool, bool, bool], ...] | None

    def may(self, command: Command) -> bool:
        """Whether the privileges alone allow a command, on at least one column."""
        if not self.usage:
            return False
        if command is Command.DELETE:
            return self.delete
        if self.columns is None:
            return True
        place = {Command.SELECT: 1, Command.INSERT: 2, Command.UPDATE: 3}[command]
        return any(row[place] for row in self.columns)

    def allows(self, command: Command, column: str) -> bool:
        """Whether a column may be read or written."""
        if self.columns is None:
            return self.usage
        place = {Command.SELECT: 1, Command.INSERT: 2, Command.UPDATE: 3}[command]
        return any(row[0] == column and row[place] for row in self.columns)


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that was read of a database."""

    relations: Mapping[QualifiedName, Relation]
    functions: tuple[Function, ...]
    grants: Mapping[tuple[int, str], Grant]
    roles: frozenset[str]

    def grant(self, relation: Relation, role: str) -> Grant:
        """The privileges of a role on a relation."""
        return self.grants.get((relation.oid, role), Grant(False, False, False, ()))


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What a policy knows somebody by: the id or e-mail of the token, another claim, a setting, the role's name."""

    kind: str
    path: tuple[str, ...] = ()

    def token(self, value: str) -> str:
        """The identity with a value, comparable with what a row says whose it is."""
        return f"{self}={value}"

    def __str__(self) -> str:
        return ".".join((self.kind, *self.path))


UID: Final = Identity("uid")
EMAIL: Final = Identity("email")


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to act as: a role with the claims of a token, or with settings.

    ``kind`` names the column of the matrix; ``tokens`` are the identities that rows can be compared with; ``before``
    is what the connection's own role does first.
    """

    kind: str
    role: str
    claims: Mapping[str, object] | None = None
    settings: tuple[tuple[str, str], ...] = ()
    tokens: frozenset[str] = frozenset()
    about: str = ""
    before: str = ""

    @property
    def identity(self) -> str:
        """What tells two apart, whatever they are called."""
        return f"{self.role} {self.claims} {self.settings} {self.before}"


class Verdict(StrEnum):
    """How a cell ended."""

    ALLOWED = "allowed"
    POLICY = "denied by policy"
    PRIVILEGE = "denied by privilege"
    ERROR = "error"
    UNTESTABLE = "untestable"


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer: how many of the rows that are there a persona can touch, and how many of them are its own.

    ``of`` counts the rows that the control saw, so that a denial is never a denial of nothing.
    """

    verdict: Verdict
    rows: int = 0
    of: int = 0
    own: int = 0
    of_own: int = 0
    sqlstate: str | None = None
    note: str = ""

    @property
    def reach(self) -> str:
        """The class that is pinned and compared between databases of different size."""
        if self.verdict is not Verdict.ALLOWED:
            return {
                Verdict.POLICY: "none",
                Verdict.PRIVILEGE: "no privilege",
                Verdict.UNTESTABLE: "untestable",
                Verdict.ERROR: f"error {self.sqlstate or ''}".strip(),
            }[self.verdict]
        if self.rows == 0:
            return "none"
        if self.own == self.rows:
            return "own"
        return "all" if self.rows >= self.of else "some"

    def __str__(self) -> str:
        if self.verdict is Verdict.ALLOWED:
            text = f"allowed {self.rows} of {self.of} rows"
        elif self.verdict is Verdict.ERROR:
            text = f"error {self.sqlstate}"
        else:
            text = self.verdict.value
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that a persona can do and should not, shown by doing it.

    ``level`` is ``hole`` (others' rows can be read or changed), or ``advice``.
    """

    kind: str
    where: str
    persona: str
    command: str
    what: str
    why: str
    remedy: str = ""
    level: str = "hole"
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the matrix: a relation, or a function (kind ``f``, named with its arguments).

    ``column`` can be updated without changing anything; ``users`` are queries for the id of a persona in any database.
    """

    relation: QualifiedName
    kind: str
    rls: bool
    personas: tuple[Persona, ...]
    cells: Mapping[tuple[str, Command], Cell]
    rows: int
    note: str = ""
    column: str = ""
    users: Mapping[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> tuple[Command, ...]:
        """What is tried on it."""
        return (Command.EXECUTE,) if self.kind == "f" else COMMANDS


@dataclass(slots=True)
class Matrix:
    """All that was tried on one database."""

    lines: list[Line] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    advice: list[Hole] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    probes: int = 0
    manner: str = ""
