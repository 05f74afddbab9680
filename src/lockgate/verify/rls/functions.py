"""Functions that clients can call: who gets rows out of them, and what they hand out or take away behind the policies.

A function is called with the values of a real row, in a transaction that is rolled back. Whether it deleted or changed
rows of a protected table is read from the server's own counters of this transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lockgate.console import counted
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls import explaining
from lockgate.verify.rls.attempts import OUR_LIMITS
from lockgate.verify.rls.bench import Manner
from lockgate.verify.rls.expressions import Facts, Reader
from lockgate.verify.rls.model import Cell, Command, Function, Hole, Line, Persona, Relation, Schema, Verdict
from lockgate.verify.rls.personas import Casting, Company
from lockgate.verify.rls.probes import Outcome, Prober
from lockgate.verify.rls.reading import PLATFORM_SCHEMAS

_REACHES_OUT: Final = re.compile(
    r"\bnet\.|\bhttp|dblink|vault\.|pg_sleep|\bcopy\b|pg_read_file", re.IGNORECASE
)
_CAPABILITY: Final = re.compile(r"token|code|secret|hash|slug|password|signature", re.IGNORECASE)
_MOST_ARGUMENTS: Final = 4
_ROWS: Final = frozenset({"record", "json", "jsonb"})
_EMPTY: Final = r'^(null|\[\]|\{\}|\{("[^"]*": null(, )?)*\})$'
_WHOM: Final = ("anon", "newcomer", "owner", "member", "service_role")
_ASKED: Final = ("anon", "newcomer")


def not_called(schema: Schema) -> list[str]:
    """What there is to say about functions that clients can call and that no rollback takes back."""
    return [
        f"function {function.label} was not called: it may reach outside the database"
        for function in schema.functions
        if function.definer
        and function.callers & {"anon", "authenticated"}
        and function.name.schema not in PLATFORM_SCHEMAS
        and _REACHES_OUT.search(function.body)
    ]


@dataclass(frozen=True, slots=True)
class Calls:
    """What calling the functions of a database showed."""

    lines: list[Line]
    holes: list[Hole]
    advice: list[Hole]


def call_functions(
    prober: Prober,
    schema: Schema,
    casting: Casting,
    reader: Reader,
    manner: Manner,
    companies: Mapping[QualifiedName, Company],
) -> Calls:
    """Call every function that clients can call and that touches protected tables, as everybody.

    ``companies`` are the personas of the tables that were tried before.
    """
    found = Calls([], [], [])
    helpers = {name for facts in casting.belonging.facts.values() for name in facts.calls}
    if casting.roles.user is None or manner.only:
        return found
    for function in schema.functions:
        if function.name in helpers or not _is_a_clients(function):
            continue
        protected = _protected_tables(function, schema, reader)
        if not protected:
            continue
        prober.renew()
        personas = _personas(protected, companies) or tuple(casting.nobodies())
        call = _call(function, protected, prober)
        _Trial(prober, schema, manner, function, protected, personas, call).run(found)
    return found


def _is_a_clients(function: Function) -> bool:
    if not function.callers or function.name.schema in PLATFORM_SCHEMAS:
        return False
    return function.language in ("sql", "plpgsql") and len(function.arguments) <= _MOST_ARGUMENTS


def _gives_rows(function: Function) -> bool:
    return function.is_set or function.return_kind == "c" or function.return_type in _ROWS


def _protected_tables(function: Function, schema: Schema, reader: Reader) -> list[Relation]:
    facts = Facts()
    reader.follow(facts, function.name, None, 0)
    relations = (schema.relations.get(name) for name in sorted(facts.tables))
    return [relation for relation in relations if relation is not None and relation.rls]


def _personas(protected: list[Relation], companies: Mapping[QualifiedName, Company]) -> tuple[Persona, ...]:
    """The personas of the first protected table that has an owner, else of any."""
    known = [companies[relation.name] for relation in protected if relation.name in companies]
    chosen = next((company for company in known if company.find("owner")), known[0] if known else None)
    if chosen is None:
        return ()
    return tuple(persona for kind in _WHOM if (persona := chosen.find(kind)) is not None)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One function, the protected tables that it touches, and those who call it."""

    prober: Prober
    schema: Schema
    manner: Manner
    function: Function
    protected: list[Relation]
    personas: tuple[Persona, ...]
    call: str

    def run(self, found: Calls) -> None:
        """Add what calling it shows."""
        if _gives_rows(self.function):
            line = self.line()
            found.lines.append(line)
            if self.manner.search and self.function.definer:
                found.holes.extend(self.handed_out(line))
        if self.manner.search and self.function.definer:
            for hole in self.written():
                (found.holes if hole.level == "hole" else found.advice).append(hole)

    @property
    def name(self) -> QualifiedName:
        """The function with its arguments, as a line of the matrix names it."""
        return QualifiedName(
            self.function.name.schema, f"{self.function.name.name}({self.function.signature})"
        )

    def line(self) -> Line:
        """A cell for everybody: how many of the rows that anybody gets out of it."""
        why_not = self._why_not()
        if why_not is not None:
            note = Cell(Verdict.UNTESTABLE, note=why_not)
            cells = {(persona.kind, Command.EXECUTE): note for persona in self.personas}
            return Line(self.name, "f", True, self.personas, cells, 0, why_not)
        outcomes = {persona.kind: self._rows(persona) for persona in self.personas}
        of = max([_count(self._control()), *map(_count, outcomes.values())])
        cells = {(kind, Command.EXECUTE): _cell(outcome, of) for kind, outcome in outcomes.items()}
        return Line(self.name, "f", True, self.personas, cells, of, "" if of else "it gives nobody rows")

    def _why_not(self) -> str | None:
        function = self.function
        if _REACHES_OUT.search(function.body):
            return "it may reach outside the database"
        if self.manner.live and function.volatility == "v":
            return "it may write, and this database is live"
        # Whoever knows a token or a code has the permission that it stands for.
        if any(_CAPABILITY.search(name) for name, _ in function.arguments):
            return "its argument is a secret"
        return None

    def _rows(self, persona: Persona) -> Outcome:
        if persona.role not in self.function.callers:
            return Outcome(sqlstate="42501", source="aclcheck_error")
        return self.prober.act(persona, self._counting())

    def _control(self) -> Outcome:
        return self.prober.own(self._counting())

    def _counting(self) -> str:
        return f"SELECT count(*) FROM {self.call} AS r WHERE to_jsonb(r)::text !~ {literal(_EMPTY)}"

    def handed_out(self, line: Line) -> Iterator[Hole]:
        """A function with its owner's rights that gives rows to somebody who cannot read them."""
        function = self.function
        said = explaining.says_public(function.name.name, function.comment)
        if said or explaining.opens_by_attribute(function.body):
            return
        for persona in self.personas:
            cell = line.cells[persona.kind, Command.EXECUTE]
            if (
                persona.kind not in _ASKED
                or not cell.rows
                or any(self._reads(persona, table) for table in self.protected)
            ):
                continue
            yield self._hole(
                persona,
                f"{persona.kind} gets {counted(cell.rows, 'row')} out of the function that the policies of"
                f" {self._tables()} hide",
                "SECURITY DEFINER: the function reads with the rights of its owner",
            )
            return

    def written(self) -> Iterator[Hole]:
        """A function with its owner's rights by which somebody deletes or changes rows that are out of reach."""
        if self.function.volatility != "v" or self._why_not() is not None:
            return
        told: set[Command] = set()
        for persona in self.personas:
            if persona.kind not in _ASKED or persona.role not in self.function.callers:
                continue
            for command, table, count in self._touched(persona):
                if command not in told and not self._may(persona, command, table):
                    told.add(command)
                    yield self._hole(
                        persona,
                        f"{persona.kind} can {command} {counted(count, 'row')} of {table.name} by calling the function:"
                        " its policies refuse that",
                        "SECURITY DEFINER: the function writes with the rights of its owner",
                        level="hole" if command is Command.DELETE else "advice",
                    )

    def _touched(self, persona: Persona) -> Iterator[tuple[Command, Relation, int]]:
        """How many rows of which protected table one call deletes and updates."""
        counters = ", ".join(
            f"pg_catalog.pg_stat_get_xact_tuples_{done}({table.oid}::oid)"
            for table in self.protected
            for done in ("deleted", "updated")
        )
        looking = f"SELECT {counters}"
        before = self.prober.own(looking).rows
        after = self.prober.act_then(persona, f"SELECT FROM {self.call}", looking).rows
        if not before or not after:
            return
        kinds = [(table, command) for table in self.protected for command in (Command.DELETE, Command.UPDATE)]
        for (table, command), then, now in zip(kinds, before[0], after[0], strict=True):
            if now > then:
                yield command, table, now - then

    def _may(self, persona: Persona, command: Command, table: Relation) -> bool:
        """Whether somebody reaches any row of a table without the function."""
        if not self.schema.grant(table, persona.role).may(command):
            return False
        name, column = table.name.sql, quote(_writable(table))
        statement = (
            f"DELETE FROM {name}" if command is Command.DELETE else f"UPDATE {name} SET {column} = {column}"
        )
        outcome = self.prober.act(persona, f"{statement} WHERE true")
        return outcome.count > 0 or outcome.by_constraint

    def _reads(self, persona: Persona, table: Relation) -> bool:
        return bool(self.prober.act(persona, f"SELECT 1 FROM {table.name.sql} LIMIT 1").rows)

    def _tables(self) -> str:
        return ", ".join(str(table.name) for table in self.protected)

    def _hole(self, persona: Persona, what: str, why: str, level: str = "hole") -> Hole:
        remedy = "compare with auth.uid() inside, or REVOKE EXECUTE … FROM PUBLIC, anon, authenticated"
        where = self.function.label
        return Hole("definer-function", where, persona.kind, "execute", what, why, remedy, level)


def _writable(table: Relation) -> str:
    """A column that an update may set."""
    free = (column.name for column in table.columns if not column.generated and not column.always_identity)
    return next(free, table.columns[0].name)


def _count(outcome: Outcome) -> int:
    return int(outcome.rows[0][0]) if outcome.rows else 0


def _cell(outcome: Outcome, of: int) -> Cell:
    """A refusal by privilege is one whatever the function gives; nothing of nothing proves nothing."""
    count = _count(outcome)
    if outcome.sqlstate == "42501":
        note = "" if outcome.source == "aclcheck_error" else "the function refuses"
        return Cell(Verdict.PRIVILEGE, of=of, sqlstate="42501", note=note)
    if outcome.sqlstate in OUR_LIMITS:
        return Cell(Verdict.UNTESTABLE, of=of, note=OUR_LIMITS[str(outcome.sqlstate)])
    if outcome.refused:
        return Cell(Verdict.ERROR, of=of, sqlstate=outcome.sqlstate, note=outcome.words)
    if not of:
        return Cell(Verdict.UNTESTABLE, note="it gives nobody rows")
    return Cell(Verdict.ALLOWED if count else Verdict.POLICY, rows=count, of=of)


def _call(function: Function, protected: list[Relation], prober: Prober) -> str:
    """The call with a value of a real row for each argument that is needed."""
    needed = function.arguments[: len(function.arguments) - function.defaults]
    values = [_value(name, type_, protected, prober) for name, type_ in needed]
    return f"{function.name.sql}({', '.join(values)})"


def _value(name: str, type_: str, protected: list[Relation], prober: Prober) -> str:
    """A value of a real row for an argument: by the column of its name, else by its type."""
    bare = re.sub(r"^(p|in|arg|_)_|^_", "", name)
    candidates: list[tuple[int, Relation, str]] = []
    for relation in protected:
        for column in relation.columns:
            if column.type == type_:
                rank = 0 if column.name == bare else 1 if bare.endswith(column.name) else 2
                candidates.append((rank, relation, column.name))
    for _, relation, chosen in sorted(candidates, key=lambda item: item[0]):
        found: Any = prober.control(
            f"SELECT {quote(chosen)}::text FROM {relation.name.sql} WHERE {quote(chosen)} IS NOT NULL LIMIT 1"
        )
        if found.rows:
            return f"{literal(found.rows[0][0])}::{type_}"
    return f"NULL::{type_}"
