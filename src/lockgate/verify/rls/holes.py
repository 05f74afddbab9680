"""Looks for holes: rows of others that somebody without any special right can read or change, shown by doing it.

What the probes see decides; the text of the policies only explains it, and tells where everybody is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lockgate.sql.identifiers import literal, quote
from lockgate.verify.rls import explaining
from lockgate.verify.rls.attempts import Attempt
from lockgate.verify.rls.bench import Probe
from lockgate.verify.rls.model import Command, Hole, Persona, Policy, Verdict
from lockgate.verify.rls.sampling import Row, key_expression
from lockgate.verify.rls.surfaces import search_view
from lockgate.verify.rls.writing import search_writes

_TOUCHING: Final = (Command.SELECT, Command.UPDATE, Command.DELETE)
_NOT_BOUND: Final = ("anon", "newcomer", "forger")
_RANK: Final = {"anon": 0, "newcomer": 1, "stranger": 2, "forger": 3}


def search(probe: Probe) -> list[Hole]:
    """The holes of one relation."""
    if not probe.sample.rows:
        return []
    if probe.relation.is_view:
        return list(search_view(probe))
    found = _Found(probe)
    for persona in probe.plain():
        for command in _TOUCHING:
            if _is_tried(probe, command):
                found.look(persona, command)
        for command in (Command.UPDATE, Command.DELETE):
            if _is_tried(probe, command):
                found.look_blind(persona, command)
    holes = [*found.holes(), *_second_factor(probe), *_locked_out(probe)]
    if probe.relation.rls and _is_tried(probe, Command.UPDATE):
        holes += search_writes(probe)
    return holes


def _is_tried(probe: Probe, command: Command) -> bool:
    reaching = any(trigger.reaches_out for trigger in probe.relation.triggers)
    return command is Command.SELECT or not (probe.manner.live and reaching)


@dataclass(slots=True)
class _Leak:
    """What came through one policy."""

    kind: str
    personas: list[str] = field(default_factory=list)
    rows: dict[Command, int] = field(default_factory=dict)
    of: int = 0


@dataclass(slots=True)
class _Found:
    probe: Probe
    leaks: dict[str | None, _Leak] = field(default_factory=dict)

    def look(self, persona: Persona, command: Command) -> None:
        """Note the rows of others that a persona can touch, under the policy that lets it."""
        attempt = self.probe.attempt(persona, command)
        if attempt.cell(persona).verdict is not Verdict.ALLOWED:
            return
        rows = [row for row in attempt.touched() if not row.is_of(persona.tokens)]
        count = len(rows) if attempt.keys is not None else attempt.count
        if not count or (not self._is_known(attempt) and persona.kind not in _NOT_BOUND):
            return
        if command is Command.SELECT and persona.kind != "forger" and not self._is_somebodys_business():
            return
        for kind, policy, rest in self._causes(persona, command, rows or self.probe.foreign(persona)):
            self._note(kind, policy, persona, command, len(rest), len(self.probe.foreign(persona)))

    def look_blind(self, persona: Persona, command: Command) -> None:
        """Note what goes when a statement reads no column: policies for reading do not keep rows of others from it."""
        rows = self.probe.foreign(persona)
        if not self.probe.is_small() or not rows or any(command in leak.rows for leak in self.leaks.values()):
            return
        apart = [policy for policy in self._serving(persona, command) if not policy.serves(Command.SELECT)]
        if not any(admits(self.probe, policy, persona, rows) for policy in apart):
            return
        grant = self.probe.schema.grant(self.probe.relation, persona.role)
        outcome = self.probe.trial.blindly(command, persona, grant)
        own = len(self.probe.sample.of(persona.tokens))
        if outcome.count > own or (outcome.by_constraint and not own):
            for kind, policy, rest in self._causes(persona, command, rows):
                self._note(kind, policy, persona, command, len(rest), len(rows))

    def _serving(self, persona: Persona, command: Command) -> list[Policy]:
        return [
            policy
            for policy in self.probe.relation.policies
            if policy.permissive and policy.serves(command) and policy.applies_to(persona.role)
        ]

    def _is_known(self, attempt: Attempt) -> bool:
        """Whether it can be told row by row whose they are; else only those who own nothing prove anything."""
        return attempt.keys is not None and any(row.belongs for row in self.probe.sample.rows)

    def _is_somebodys_business(self) -> bool:
        """A table that belongs to nobody may be read, unless its columns say that it holds secrets."""
        relation = self.probe.relation
        return self.probe.belonging.is_owned(relation) or bool(explaining.sensitive_columns(relation))

    def _causes(
        self, persona: Persona, command: Command, rows: list[Row]
    ) -> Iterator[tuple[str, Policy | None, list[Row]]]:
        relation = self.probe.relation
        if not relation.rls:
            yield "rls-disabled", None, rows
            return
        serving = self._serving(persona, command)
        admitted = {policy.name: admits(self.probe, policy, persona, rows) for policy in serving}
        closing = [policy for policy in serving if not admitted[policy.name]]
        for policy in serving:
            through = admitted[policy.name]
            if through and not (command is Command.SELECT and self._is_meant(policy, persona, through)):
                kind = self._kind(policy)
                joined = closing and kind in ("always-true", "unbound", "any-user")
                yield ("or-ed" if joined else kind), policy, through

    def _kind(self, policy: Policy) -> str:
        facts = self.probe.facts(policy)
        own = self.probe.reader.read(policy.using or "true", self.probe.relation.name)
        return explaining.cause(policy, facts, policy.using, own)

    def _is_meant(self, policy: Policy, persona: Persona, rows: list[Row]) -> bool:
        """Whether reading is opened on purpose: said in its name, by an attribute of the row, by an absent owner."""
        probe, relation = self.probe, self.probe.relation
        kind = self._kind(policy)
        if kind in ("user-metadata", "forged-header"):
            return False
        open_kinds = ("always-true", "unbound", "any-user")
        if kind in open_kinds and not explaining.private_columns(relation):
            is_profile = len(relation.key) == 1 and probe.belonging.is_user_id(relation.name, relation.key[0])
            if explaining.says_public(policy.name, policy.comment) or is_profile:
                return True
        facts = probe.facts(policy)
        if not facts.identities and probe.leaves_to_parent(facts):
            return True
        if facts.null_columns and not any(row.belongs for row in rows):
            return True
        nobody = persona.kind in ("anon", "newcomer") or self._nobody_too(rows)
        attributed = explaining.opens_by_attribute(policy.using) and not explaining.sensitive_columns(
            relation
        )
        return nobody and attributed and not self._closed_rows(rows)

    def _nobody_too(self, rows: list[Row]) -> bool:
        """Whether those who belong nowhere see the same rows: then it is not a stranger's privilege."""
        newcomer = self.probe.company.find("newcomer")
        if newcomer is None:
            return False
        seen = {row.key for row in self.probe.attempt(newcomer, Command.SELECT).touched()}
        return all(row.key in seen for row in rows)

    def _closed_rows(self, rows: list[Row]) -> bool:
        """Whether there are rows among them that their own columns do not open."""
        columns = explaining.opening_columns(self.probe.relation)
        if not columns:
            return False
        records = self.probe.trial.records(rows)
        return any(not any(record.get(column) for column in columns) for record in records)

    def _note(
        self, kind: str, policy: Policy | None, persona: Persona, command: Command, count: int, of: int
    ) -> None:
        leak = self.leaks.setdefault(policy.name if policy else None, _Leak(kind))
        # Whom another policy would have kept out says more than whom it does not speak of.
        leak.kind = kind if kind == "or-ed" else leak.kind
        if persona.kind not in leak.personas:
            leak.personas.append(persona.kind)
        leak.rows[command] = max(leak.rows.get(command, 0), count)
        leak.of = max(leak.of, of)

    def holes(self) -> Iterator[Hole]:
        """A finding for each policy that leaks."""
        for policy, leak in self.leaks.items():
            kind = leak.kind
            who = sorted(leak.personas, key=lambda name: _RANK.get(name, 9))
            did = ", ".join(f"{command} {count}" for command, count in leak.rows.items())
            yield Hole(
                kind,
                str(self.probe.relation.name),
                who[0],
                ", ".join(command.value for command in leak.rows),
                f"{who[0]} can {did} of {leak.of} rows of others",
                explaining.WHY[kind],
                explaining.REMEDY[kind].format(table=self.probe.relation.name.sql),
                policy=policy,
            )


def admits(probe: Probe, policy: Policy, persona: Persona, rows: list[Row]) -> list[Row]:
    """The rows that one policy's condition alone lets somebody through to.

    Asked as the connection's own role with the claims of the persona: sub-selects see more than they would.
    """
    alias = quote(probe.relation.name.name)
    keys = ", ".join(literal(row.key) for row in rows)
    expression = policy.using if policy.using is not None else "true"
    key = key_expression(probe.relation)
    asking = replace(persona, kind="control", role="none")
    outcome = probe.prober.act(
        asking,
        f"SELECT {key} FROM {probe.relation.name.sql} AS {alias} WHERE {key} = ANY (ARRAY[{keys}]) AND ({expression})",
    )
    seen = {key for (key,) in outcome.rows}
    return rows if outcome.refused else [row for row in rows if row.key in seen]


def _second_factor(probe: Probe) -> Iterator[Hole]:
    """A second factor that a permissive policy asks for, and that nobody needs."""
    owner = probe.company.find("owner")
    asking = [
        policy
        for policy in probe.relation.policies
        if policy.permissive and any(identity.path == ("aal",) for identity in probe.facts(policy).identities)
    ]
    if owner is None or not asking or not probe.relation.rls:
        return
    for policy in asking:
        for command in _TOUCHING:
            if policy.serves(command) and probe.attempt(owner, command).cell(owner).own:
                yield Hole(
                    "second-factor",
                    str(probe.relation.name),
                    "owner",
                    command.value,
                    f"owner can {command} without the second factor that policy {policy.name!r} asks for",
                    explaining.WHY["second-factor"],
                    explaining.REMEDY["second-factor"],
                    policy=policy.name,
                )
                break


def _locked_out(probe: Probe) -> Iterator[Hole]:
    """A policy that compares the wrong column, so that not even owners see their rows."""
    owner = probe.company.find("owner")
    doubtful = probe.belonging.suspicious.get(probe.relation.name)
    if owner is None or not doubtful or not probe.relation.rls:
        return
    cell = probe.attempt(owner, Command.SELECT).cell(owner)
    if cell.of_own and not cell.own:
        guilty = next((p for p in probe.relation.policies if doubtful[0] in probe.facts(p).columns), None)
        yield Hole(
            "wrong-column",
            str(probe.relation.name),
            "owner",
            "select",
            f"owner can select none of the {cell.of_own} own rows: the policy compares {', '.join(doubtful)}",
            explaining.WHY["wrong-column"],
            explaining.REMEDY["wrong-column"],
            policy=guilty.name if guilty else None,
        )
