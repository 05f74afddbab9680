"""Tries one command of one persona on the rows of a sample, and says which of them it could touch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lockgate.sql.identifiers import literal, quote
from lockgate.verify.rls.model import Cell, Command, Grant, Persona, Relation, Verdict
from lockgate.verify.rls.probes import Outcome, Prober
from lockgate.verify.rls.sampling import Row, Sample, key_expression

_ONE_BY_ONE: Final = 12
_TEMPLATES: Final = 4
OUR_LIMITS: Final = {
    "57014": "it took longer than a probe may",
    "55P03": "somebody else holds a lock",
    "25006": "the server is read-only",
}
"""SQLSTATEs that come from how a probe is made and say nothing about who may do what."""
_MOST_SEEN: Final = 5000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a persona could touch of the rows that were tried; ``keys`` is None where only a count is known.

    ``stops_elsewhere`` says that the role may do it with the relation itself, and not what policies or triggers do.
    """

    tried: tuple[Row, ...]
    keys: frozenset[str] | None
    count: int
    outcome: Outcome
    note: str = ""
    stops_elsewhere: bool = False

    def touched(self) -> list[Row]:
        """The rows that could be touched, as far as they are known one by one."""
        return [row for row in self.tried if self.keys is not None and row.key in self.keys]

    def cell(self, persona: Persona) -> Cell:
        """The attempt as a cell of the matrix."""
        own = sum(row.is_of(persona.tokens) for row in self.tried)
        base = Cell(Verdict.POLICY, of=len(self.tried), of_own=own)
        if self.count:
            mine = sum(row.is_of(persona.tokens) for row in self.touched())
            return replace(base, verdict=Verdict.ALLOWED, rows=self.count, own=mine, note=self.note)
        outcome = self.outcome
        if not outcome.refused or outcome.by_policy:
            return base
        if outcome.sqlstate in OUR_LIMITS:
            return replace(base, verdict=Verdict.UNTESTABLE, note=OUR_LIMITS[outcome.sqlstate])
        if outcome.sqlstate == "42501" and self.stops_elsewhere:
            return replace(base, verdict=Verdict.ERROR, sqlstate="42501", note=outcome.words)
        if outcome.sqlstate == "42501":
            note = "" if outcome.source == "aclcheck_error" else outcome.words
            return replace(base, verdict=Verdict.PRIVILEGE, sqlstate="42501", note=note)
        return replace(base, verdict=Verdict.ERROR, sqlstate=outcome.sqlstate, note=outcome.words)


@dataclass(frozen=True, slots=True)
class Trial:
    """One relation, its sample and the privileges of the role that is tried; ``most`` rows are written at once."""

    prober: Prober
    relation: Relation
    sample: Sample
    most: int
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of_others(self, persona: Persona) -> Trial:
        """The same trial on the rows that do not belong to somebody."""
        rows = [row for row in self.sample.rows if not row.is_of(persona.tokens)]
        return replace(self, sample=Sample(rows, False))

    def attempt(self, command: Command, persona: Persona, grant: Grant) -> Attempt:
        """Try a command on the sample."""
        if command is Command.SELECT:
            attempt = self._select(persona, grant)
        elif command is Command.INSERT:
            attempt = self._insert(persona, grant, self._templates(persona))
        else:
            attempt = self._write(command, persona, grant, self._written(persona))
        return replace(attempt, stops_elsewhere=self._is_elsewhere(command, grant, attempt.outcome))

    def _is_elsewhere(self, command: Command, grant: Grant, outcome: Outcome) -> bool:
        """Whether a privilege is missing on what policies read: the server names the object, in any language."""
        own = self.relation.name.name in outcome.message
        return grant.may(command) and outcome.source == "aclcheck_error" and not own

    def insert_rows(self, persona: Persona, grant: Grant, rows: Sequence[Row]) -> Attempt:
        """Try to insert copies of certain rows."""
        return self._insert(persona, grant, rows)

    def _select(self, persona: Persona, grant: Grant) -> Attempt:
        alias = quote(self.relation.name.name)
        source = f"FROM {self.relation.name.sql} AS {alias}"
        rows = tuple(self.sample.rows)
        if self._sees_keys(grant):
            everything = self.sample.whole or not grant.select or self.relation.is_view
            where = f" LIMIT {_MOST_SEEN}" if everything else f" WHERE {self._at(rows)}"
            outcome = self.prober.act(persona, f"SELECT {key_expression(self.relation)} {source}{where}")
            keys = frozenset(key for (key,) in outcome.rows)
            return Attempt(rows, keys, sum(row.key in keys for row in rows), outcome)
        outcome = self.prober.act(persona, f"SELECT count(*) {source}")
        count = min(outcome.rows[0][0], len(rows)) if outcome.rows else 0
        note = "some columns only" if count else ""
        return Attempt(rows, None, count, outcome, note)

    def _sees_keys(self, grant: Grant) -> bool:
        if grant.select or not grant.usage or not grant.may(Command.SELECT):
            return True
        return bool(self.relation.key) and all(
            grant.allows(Command.SELECT, column) for column in self.relation.key
        )

    def _write(self, command: Command, persona: Persona, grant: Grant, rows: Sequence[Row]) -> Attempt:
        outcome = self.prober.act(persona, self._statement(command, grant, rows))
        if outcome.by_policy or outcome.by_constraint or (outcome.refused and _is_of_data(outcome)):
            return self._one_by_one(command, persona, grant, rows[:_ONE_BY_ONE])
        if self._returns(grant):
            keys = frozenset(key for (key,) in outcome.rows)
            return Attempt(tuple(rows), keys, sum(row.key in keys for row in rows), outcome)
        return Attempt(tuple(rows), None, min(outcome.count, len(rows)), outcome)

    def _one_by_one(self, command: Command, persona: Persona, grant: Grant, rows: Sequence[Row]) -> Attempt:
        passed: set[str] = set()
        last, note = Outcome(), ""
        for row in rows:
            one = self.prober.act(persona, self._statement(command, grant, [row]))
            if one.by_constraint:
                note = f"a constraint stops it behind the policies: {one.sqlstate}"
            if one.by_constraint or (not one.refused and one.count):
                passed.add(row.key)
            else:
                last = one if one.refused else last
        return Attempt(tuple(rows), frozenset(passed), len(passed), last, note if passed else "")

    def _statement(self, command: Command, grant: Grant, rows: Sequence[Row]) -> str:
        name, alias = self.relation.name.sql, quote(self.relation.name.name)
        where = self._at(rows)
        returning = f" RETURNING {key_expression(self.relation)}" if self._returns(grant) else ""
        if command is Command.DELETE:
            return f"DELETE FROM {name} AS {alias} WHERE {where}{returning}"
        column = quote(self.update_column(grant))
        return f"UPDATE {name} AS {alias} SET {column} = {alias}.{column} WHERE {where}{returning}"

    def blindly(self, command: Command, persona: Persona, grant: Grant) -> Outcome:
        """Write all rows by a statement that reads no column, so that policies for reading do not hold it back."""
        name = self.relation.name.sql
        if command is Command.DELETE:
            return self.prober.act(persona, f"DELETE FROM {name} WHERE true")
        column = self.update_column(grant)
        value = self.records(self.sample.rows[:1])[0].get(column)
        text = literal(value if value is None or isinstance(value, str) else json.dumps(value))
        return self.prober.act(persona, f"UPDATE {name} SET {quote(column)} = {text} WHERE true")

    def update_column(self, grant: Grant) -> str:
        """A column whose update changes nothing: one that may be written, no key where that can be had."""
        writable = [
            column.name
            for column in self.relation.columns
            if not column.generated and not column.always_identity
        ]
        keyed = {name for key in self.relation.foreign_keys for name in key.columns} | set(self.relation.key)
        # Of a view's columns it is not known which ones its table gives out by itself; an id is the likeliest.
        ordered = sorted(writable, key=lambda name: name in keyed or (self.relation.is_view and name == "id"))
        allowed = [name for name in ordered if grant.allows(Command.UPDATE, name)]
        return next(
            iter(allowed or ordered), self.relation.columns[0].name if self.relation.columns else "ctid"
        )

    def _returns(self, grant: Grant) -> bool:
        return grant.select and not self.relation.is_view

    def _at(self, rows: Sequence[Row]) -> str:
        """The condition that finds rows again; by their key where a role does not see where they lie."""
        alias = quote(self.relation.name.name)
        if self.relation.is_view:
            keys = ", ".join(literal(row.key) for row in rows)
            return f"{key_expression(self.relation)} = ANY (ARRAY[{keys}]::text[])"
        places = ", ".join(literal(row.place) for row in rows)
        return f"{alias}.ctid = ANY (ARRAY[{places}]::tid[])"

    def _written(self, persona: Persona) -> list[Row]:
        """Own rows and those of others, evenly."""
        rows = self.sample.rows
        if len(rows) <= self.most:
            return list(rows)
        own = [row for row in rows if row.is_of(persona.tokens)]
        others = [row for row in rows if not row.is_of(persona.tokens)]
        return [*own[: max(1, self.most // 2)], *others[: max(1, self.most - self.most // 2)]]

    def _templates(self, persona: Persona) -> list[Row]:
        rows = self.sample.rows
        own = [row for row in rows if row.is_of(persona.tokens)]
        others = [row for row in rows if not row.is_of(persona.tokens)]
        return [*own[:_TEMPLATES], *others[:_TEMPLATES]]

    def _insert(self, persona: Persona, grant: Grant, rows: Sequence[Row]) -> Attempt:
        passed: set[str] = set()
        last, note = Outcome(), ""
        for row, record in zip(rows, self.records(rows), strict=False):
            one = self.prober.act(persona, self.insertion(record, grant))
            if one.refused and not one.by_constraint:
                last = one
                continue
            passed.add(row.key)
            if one.by_constraint and one.sqlstate != "23505":
                note = f"a constraint stops it behind the policies: {one.sqlstate}"
        return Attempt(tuple(rows), frozenset(passed), len(passed), last, note)

    def records(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The rows as JSON, as the control sees them, in the same order."""
        missing = [row for row in rows if row.key not in self.known]
        if missing:
            alias = quote(self.relation.name.name)
            found = self.prober.control(
                f"SELECT {key_expression(self.relation)}, to_jsonb({alias}) FROM {self.relation.name.sql}"
                f" AS {alias} WHERE {self._at(missing)}"
            )
            self.known.update(found.rows)
        return [self.known[row.key] for row in rows if row.key in self.known]

    def insertion(self, record: dict[str, Any], grant: Grant, *, with_key: bool = False) -> str:
        """The INSERT that PostgREST would send for a row; keys that the server makes are left to it."""
        names = [name for name in self._insertable(grant, with_key=with_key) if name in record]
        columns = ", ".join(map(quote, names))
        value = literal(json.dumps({name: record[name] for name in names}))
        name = self.relation.name.sql
        if not names:
            return f"INSERT INTO {name} DEFAULT VALUES"
        source = f"pg_catalog.jsonb_populate_record(NULL::{name}, {value}::jsonb)"
        return f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {source}"

    def insertable(self) -> list[str]:
        """The columns that an INSERT gives: all that the server does not fill by itself."""
        return self._insertable(Grant(True, True, True, None), with_key=False)

    def _insertable(self, grant: Grant, *, with_key: bool) -> list[str]:
        keyed = {name for key in self.relation.foreign_keys for name in key.columns}
        made = {
            column.name
            for column in self.relation.columns
            if column.has_default and column.name in self.relation.key and column.name not in keyed
        }
        return [
            column.name
            for column in self.relation.columns
            if not column.generated
            and not column.always_identity
            and (with_key or column.name not in made)
            and (grant.allows(Command.INSERT, column.name) or not grant.may(Command.INSERT))
        ]


def _is_of_data(outcome: Outcome) -> bool:
    """An error that one row of several may have caused: a trigger's refusal or a value that does not fit."""
    return (outcome.sqlstate or "")[:2] in ("P0", "22", "23", "09", "27", "38")
