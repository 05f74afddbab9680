"""Holes in what may be written: rows in somebody else's name, rows moved to somebody else, rights given to oneself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lockgate.sql.identifiers import literal, quote
from lockgate.verify.rls import explaining
from lockgate.verify.rls.bench import Probe
from lockgate.verify.rls.expressions import Constant
from lockgate.verify.rls.model import UID, Command, Hole, Persona, Policy, Verdict
from lockgate.verify.rls.probes import Outcome
from lockgate.verify.rls.sampling import Row, key_expression

_FEW: Final = 3
_UNCHECKED: Final = (
    "new rows are not checked against who writes them",
    "WITH CHECK must hold for the new row what USING holds for the old one",
)


def search_writes(probe: Probe) -> list[Hole]:
    """What somebody can write into one table and should not."""
    if not probe.belonging.is_owned(probe.relation):
        return []
    found = [*_forged(probe), *_invited(probe), *_moved(probe), *_promoted(probe)]
    unique: dict[tuple[str, str | None], Hole] = {}
    for hole in found:
        unique.setdefault((hole.kind, hole.policy), hole)
    return list(unique.values())


def _forged(probe: Probe) -> Iterator[Hole]:
    """Rows that belong to somebody else, written in their name."""
    for persona in probe.plain():
        grant = probe.schema.grant(probe.relation, persona.role)
        rows = [row for row in probe.foreign(persona) if row.belongs][:_FEW]
        if not rows or not grant.may(Command.INSERT):
            continue
        passed = [row for row in rows if _was_written(probe, persona, row)]
        if passed:
            policy = _of_check(probe, Command.INSERT, persona)
            if policy is not None and probe.facts(policy).trusts_user_metadata:
                why = explaining.WHY["user-metadata"]
            else:
                why = _UNCHECKED[0]
            what = (
                f"{persona.kind} can insert rows that belong to others ({len(passed)} of {len(rows)} tried)"
            )
            yield _hole(probe, "unchecked-insert", persona, "insert", what, why, policy)
            return


def _was_written(probe: Probe, persona: Persona, row: Row, changes: dict[str, Any] | None = None) -> bool:
    """Whether a copy of a row could be inserted, and stood there as it was sent."""
    records = probe.trial.records([row])
    if not records:
        return False
    record = records[0] | (changes or {})
    grant = probe.schema.grant(probe.relation, persona.role)
    columns = [user.column for user in probe.belonging.users.get(probe.relation.name, []) if user.column]
    if any(not grant.allows(Command.INSERT, column) for column in columns):
        return False
    outcome = probe.prober.act(persona, probe.trial.insertion(record, grant))
    if not (outcome.by_constraint or (not outcome.refused and outcome.count)):
        return False
    return not _is_rewritten(probe, persona, record, columns)


def _is_rewritten(probe: Probe, persona: Persona, record: dict[str, Any], columns: list[str]) -> bool:
    """Whether a trigger puts the writer in the place of the owner that was sent."""
    if not any(trigger.before for trigger in probe.relation.triggers) or not columns:
        return False
    grant = probe.schema.grant(probe.relation, persona.role)
    same = " AND ".join(f"{quote(column)}::text = {literal(_text(record.get(column)))}" for column in columns)
    table = probe.relation.name.sql
    counting = f"SELECT count(*) FROM {table} WHERE {same}"
    before = probe.prober.control(counting)
    after = probe.prober.act_then(persona, probe.trial.insertion(record, grant), counting)
    if after.refused:
        # What a constraint stops cannot be looked at: somebody else has to show it.
        return True
    return before.rows == after.rows


def _invited(probe: Probe) -> Iterator[Hole]:
    """Rows of one's own in a tenant that one does not belong to; a membership among them opens the whole tenant."""
    relation, belonging = probe.relation, probe.belonging
    own = [
        user.column for user in belonging.users.get(relation.name, []) if user.identity == UID and user.column
    ]
    tenant = [columns for kind, columns in belonging.dimensions(relation) if kind in ("tenant", "claim")]
    if not tenant or not own:
        return
    for persona in probe.plain():
        uid = (persona.claims or {}).get("sub")
        if uid is None or not probe.schema.grant(relation, persona.role).may(Command.INSERT):
            continue
        rows = probe.foreign(persona)[:_FEW]
        mine = {
            column: uid for column in own if column not in {name for columns in tenant for name in columns}
        }
        passed = [row for row in rows if _was_written(probe, persona, row, mine)]
        policy = _of_check(probe, Command.INSERT, persona)
        if not passed or (policy and _is_meant(probe, policy)):
            continue
        invites = belonging.is_membership(relation.name)
        kind = "self-invitation" if invites else "foreign-tenant"
        what = f"{persona.kind} can insert rows of its own into a tenant that it does not belong to"
        why = "whoever can write a membership can join any tenant" if invites else _UNCHECKED[0]
        yield _hole(probe, kind, persona, "insert", what, why, policy)
        return


def _is_meant(probe: Probe, policy: Policy) -> bool:
    """Whether writing under somebody else's parent is asked for: a comment on what one can see."""
    return explaining.opens_by_attribute(policy.check) or probe.leaves_to_parent(probe.facts(policy))


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of the columns that say whose a row is."""

    kind: str
    columns: tuple[str, ...]
    values: tuple[Any, ...]


def _moved(probe: Probe) -> Iterator[Hole]:
    """Rows of one's own, handed to somebody else or carried into another tenant by an update."""
    for persona in probe.plain():
        if persona.kind == "anon" or probe.relation.name.schema == "storage":
            continue
        row = _own_updatable(probe, persona)
        if row is None:
            continue
        for move in _moves(probe, persona, row):
            if _could_move(probe, persona, row, move):
                policy = _of_check(probe, Command.UPDATE, persona)
                there = "another tenant" if move.kind != "owner" else "somebody else"
                what = f"{persona.kind} can move an own row to {there} by setting {', '.join(move.columns)}"
                yield _hole(probe, "moves-row", persona, "update", what, _UNCHECKED[0], policy)
                return


def _own_updatable(probe: Probe, persona: Persona) -> Row | None:
    grant = probe.schema.grant(probe.relation, persona.role)
    if not grant.may(Command.UPDATE):
        return None
    if persona.kind != "stranger":
        attempt = probe.attempt(persona, Command.UPDATE)
        if attempt.cell(persona).verdict is not Verdict.ALLOWED:
            return None
        return next((row for row in attempt.touched() if row.is_of(persona.tokens)), None)
    return next(iter(probe.sample.of(persona.tokens)), None)


def _moves(probe: Probe, persona: Persona, row: Row) -> Iterator[_Move]:
    foreign = probe.foreign(persona)[:_FEW]
    records = probe.trial.records([row, *foreign])
    if len(records) < 2:
        return
    mine, others = records[0], records[1:]
    owners = [columns[0] for kind, columns in probe.belonging.dimensions(probe.relation) if kind == "owner"]
    for kind, columns in probe.belonging.dimensions(probe.relation):
        if kind == "owner" and _stays_related(probe, persona, row, mine, columns[0], owners):
            continue
        for other in others:
            values = tuple(other.get(column) for column in columns)
            if None not in values and values != tuple(mine.get(column) for column in columns):
                yield _Move(kind, columns, values)
                break


def _stays_related(
    probe: Probe, persona: Persona, row: Row, record: dict[str, Any], column: str, owners: list[str]
) -> bool:
    """Whether the row would still belong to somebody when this column named another one."""
    uid = (persona.claims or {}).get("sub")
    if str(record.get(column)) != str(uid):
        return True
    others = [name for name in owners if name != column and str(record.get(name)) == str(uid)]
    by_label = [label for label, token in row.belongs if token in persona.tokens]
    return bool(others) or any(label != "owner" for label in by_label)


def _could_move(probe: Probe, persona: Persona, row: Row, move: _Move) -> bool:
    relation = probe.relation
    alias = quote(relation.name.name)
    grant = probe.schema.grant(relation, persona.role)
    if not all(grant.allows(Command.UPDATE, column) for column in move.columns):
        return False
    sets = ", ".join(
        f"{quote(column)} = {literal(_text(value))}"
        for column, value in zip(move.columns, move.values, strict=True)
    )
    where = f"{alias}.ctid = {literal(row.place)}::tid"
    statement = f"UPDATE {relation.name.sql} AS {alias} SET {sets} WHERE {where}"
    if _stands(probe, persona, statement, row, move):
        return True
    # An update that reads no column is not held to the policies for reading, neither before nor after.
    return probe.is_small() and _stands(
        probe, persona, f"UPDATE {relation.name.sql} SET {sets} WHERE true", row, move
    )


def _stands(probe: Probe, persona: Persona, statement: str, row: Row, move: _Move) -> bool:
    """Whether an update passes, and its first value is there afterwards as it was sent."""
    relation = probe.relation
    if set(move.columns) & set(relation.key) or not relation.key:
        return _passes(probe.prober.act(persona, statement))
    column, alias = quote(move.columns[0]), quote(relation.name.name)
    place = f"{key_expression(relation)} = {literal(row.key)}"
    looking = f"SELECT {column}::text FROM {relation.name.sql} AS {alias} WHERE {place}"
    outcome = probe.prober.act_then(persona, statement, looking)
    if outcome.by_constraint:
        return True
    return bool(outcome.rows) and outcome.rows[0][0] == _text(move.values[0])


def _passes(outcome: Outcome) -> bool:
    return outcome.by_constraint or (not outcome.refused and outcome.count > 0)


def _promoted(probe: Probe) -> Iterator[Hole]:
    """An attribute that policies ask for, given to oneself: by a new row of one's own, or by changing the one there."""
    for constant in _attributes(probe):
        awarded = _awarded(probe, constant)
        if awarded is not None:
            yield awarded
            return
        for row in probe.sample.rows[:60]:
            holder = next(
                (token for label, token in row.belongs if label == "owner" and token.startswith("uid=")), None
            )
            persona = probe.casting.known_as("owner", holder) if holder and probe.casting.roles.user else None
            if persona is not None and _could_promote(probe, persona, row, constant):
                policy = _of_check(probe, Command.UPDATE, persona)
                what = f"a user can set {constant.column} = {constant.values[0]!r} on the own row: policies ask for it"
                why = "the policy limits which rows may be written, not which columns"
                yield _hole(probe, "self-promotion", persona, "update", what, why, policy)
                return


def _awarded(probe: Probe, constant: Constant) -> Hole | None:
    """A row of one's own with the attribute, in a table that gives it to users and belongs to no tenant."""
    relation = probe.relation
    own = [
        user.column
        for user in probe.belonging.users.get(relation.name, [])
        if user.identity == UID and user.column
    ]
    if not own or probe.belonging.is_membership(relation.name) or not probe.sample.rows:
        return None
    for persona in probe.plain():
        uid = (persona.claims or {}).get("sub")
        if uid is None or not probe.schema.grant(relation, persona.role).may(Command.INSERT):
            continue
        changes = {**dict.fromkeys(own, uid), constant.column: constant.values[0]}
        if _was_written(probe, persona, probe.sample.rows[0], changes):
            policy = _of_check(probe, Command.INSERT, persona)
            what = f"{persona.kind} can insert an own row with {constant.column} = {constant.values[0]!r}"
            why = "policies ask for it, and everybody can give it to themselves"
            return _hole(probe, "self-promotion", persona, "insert", what, why, policy)
    return None


def _attributes(probe: Probe) -> list[Constant]:
    return [
        constant
        for facts in probe.belonging.facts.values()
        for constant in facts.constants
        if constant.table == probe.relation.name
    ]


def _could_promote(probe: Probe, persona: Persona, row: Row, constant: Constant) -> bool:
    records = probe.trial.records([row])
    if not records or _text(records[0].get(constant.column)) in constant.values:
        return False
    move = _Move("attribute", (constant.column,), (constant.values[0],))
    return _could_move(probe, persona, row, move)


def _of_check(probe: Probe, command: Command, persona: Persona) -> Policy | None:
    """The policy to name: the one whose condition for new rows says least."""
    serving = [
        policy
        for policy in probe.relation.policies
        if policy.permissive and policy.serves(command) and policy.applies_to(persona.role)
    ]
    ranked = sorted(serving, key=lambda policy: len(policy.effective_check or ""))
    return ranked[0] if ranked else None


def _hole(
    probe: Probe, kind: str, persona: Persona, command: str, what: str, why: str, policy: Policy | None
) -> Hole:
    name = policy.name if policy else None
    return Hole(kind, str(probe.relation.name), persona.kind, command, what, why, _UNCHECKED[1], policy=name)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
