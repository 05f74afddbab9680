"""Whom to act as: found from the policies and functions, made concrete with values of real rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls import demands
from lockgate.verify.rls.belonging import USERS, Belonging
from lockgate.verify.rls.expressions import ClaimTest, Constant, Facts, Limit, Use
from lockgate.verify.rls.model import EMAIL, UID, Identity, Persona, Relation
from lockgate.verify.rls.probes import Prober
from lockgate.verify.rls.sampling import Sample, take

NEWCOMER_ID: Final = "7d1f0c1e-0000-4000-8000-6c6f636b6761"
"""The id of somebody who owns nothing and belongs nowhere."""

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles that clients act under; None where a database has none of the kind."""

    anonymous: str | None
    user: str | None
    service: str | None
    others: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Every role to ask privileges for."""
        return [role for role in (self.anonymous, self.user, self.service, *self.others) if role]


@dataclass(frozen=True, slots=True)
class Company:
    """The personas of one relation: those with a column of the matrix, and more strangers for the search for holes."""

    shown: tuple[Persona, ...]
    strangers: tuple[Persona, ...]
    forgers: tuple[Persona, ...] = ()

    def everybody(self) -> tuple[Persona, ...]:
        """All of them, each once."""
        seen: dict[str, Persona] = {}
        for persona in (*self.shown, *self.strangers, *self.forgers):
            seen.setdefault(persona.identity, persona)
        return tuple(seen.values())

    def with_shown(self, persona: Persona | None) -> Company:
        """The same with one more column of the matrix, before that of the control."""
        if persona is None:
            return self
        return replace(self, shown=(*self.shown[:-1], persona, *self.shown[-1:]))

    def find(self, kind: str) -> Persona | None:
        """The persona of a kind."""
        return next((persona for persona in self.shown if persona.kind == kind), None)


@dataclass(slots=True)
class Casting:
    """Chooses the personas of each relation of one database."""

    prober: Prober
    belonging: Belonging
    roles: Roles
    _emails: dict[str, str] = field(default_factory=dict)
    _holders: dict[tuple[Constant, str], tuple[str, ...]] = field(default_factory=dict)

    def of(self, relation: Relation, sample: Sample) -> Company:
        """The personas for a relation with a sample of its rows."""
        facts = self._facts(relation)
        shown: list[Persona] = [*self.nobodies()]
        strangers: list[Persona] = []
        if self.roles.user is not None:
            strangers = list(self._strangers(relation, sample, facts))
            if not relation.is_view and any(row.belongs for row in sample.rows):
                shown += strangers[:1]
            shown += self._insiders(sample, self._privileged(facts))
            shown += self._attributed(facts)
            shown += self._claimed(facts, shown)
        shown += [Persona(role, role, {"role": role}) for role in self.roles.others]
        if self.roles.service is not None:
            service = self.roles.service
            shown.append(
                Persona("service_role", service, {"role": service}, about="bypasses row-level security")
            )
        if any(identity.path == ("aal",) for identity in facts.identities):
            strangers += [_with_second_factor(persona) for persona in [*strangers[:1], *shown[1:2]]]
        forgers = tuple(self._forgers(relation, facts, sample)) if self.roles.user else ()
        return Company(_one_of_each(shown), tuple(strangers), forgers)

    def of_tables(self, view: Relation, limit: int) -> Company | None:
        """The personas of the first table that a view reads."""
        tables = (self.belonging.schema.relations.get(name) for name in view.reads)
        table = next((table for table in tables if table is not None and table.is_table and table.rls), None)
        return self.of(table, take(self.prober, table, self.belonging, limit)) if table is not None else None

    def _facts(self, relation: Relation) -> Facts:
        return self.belonging.facts.get(relation.name) or Facts()

    def nobodies(self) -> Iterator[Persona]:
        """Those to whom nothing belongs: somebody who is not logged in, and somebody who just came."""
        if self.roles.anonymous is not None:
            yield Persona("anon", self.roles.anonymous, {"role": self.roles.anonymous}, about="not logged in")
        if self.roles.user is not None:
            yield replace(
                self.user("newcomer", NEWCOMER_ID), about="logged in, owns nothing, belongs nowhere"
            )

    def user(self, kind: str, uid: str, **more: object) -> Persona:
        """Somebody who is logged in with an id."""
        assert self.roles.user is not None
        email = self._email(uid)
        claims = _token(self.roles.user, uid, email) | more
        tokens = frozenset({UID.token(uid), EMAIL.token(email)})
        return Persona(kind, self.roles.user, claims, tokens=tokens, about=f"user {uid}")

    def known_as(self, kind: str, token: str, base: Persona | None = None) -> Persona:
        """Somebody who has a token of any identity: the id, the e-mail, a claim or a setting."""
        name, _, value = token.partition("=")
        head, *path = name.split(".")
        assert self.roles.user is not None
        if head == "uid":
            return self.user(kind, value)
        start = base or self.user(kind, NEWCOMER_ID)
        claims = dict(start.claims or {})
        settings = start.settings
        if head == "email":
            claims["email"] = value
        elif head == "setting":
            settings = (*settings, (".".join(path), value))
        else:
            several = self.belonging.holds_several(Identity(head, tuple(path)))
            demands.set_path(claims, tuple(path), [value] if several else value)
        return Persona(
            kind,
            self.roles.user,
            claims,
            settings,
            frozenset({token}),
            f"{name.removeprefix('claim.')} {value}",
        )

    def _insiders(self, sample: Sample, privileged: frozenset[str]) -> Iterator[Persona]:
        sample = _without(sample, privileged)
        owner = _choose(sample, ("owner",)) or _choose(sample, ("parent",))
        if owner is not None:
            yield self.known_as("owner", owner)
        member = _choose(sample, ("member",), besides=owner)
        if member is not None:
            yield self.known_as("member", member)
        claim = _choose(sample, ("owner",), besides=owner, kinds=("claim", "setting"))
        if claim is not None and not (owner or "").startswith(("claim", "setting")):
            name = claim.partition("=")[0].split(".")[-1]
            yield self.known_as(f"claim {name}", claim)

    def _strangers(self, relation: Relation, sample: Sample, facts: Facts) -> Iterator[Persona]:
        """Real users to whom some rows do not belong: owners and members of other rows, holders of a part elsewhere."""
        privileged = self._privileged(facts)
        ranked: list[tuple[int, str]] = []
        counts = Counter(token for row in sample.rows for token in row.tokens)
        tokens = {token for token in counts if _is_usable(token)}
        elsewhere = {UID.token(uid) for uid in self._players(relation, facts)}
        for token in sorted(tokens | elsewhere):
            foreign = len(sample.rows) - counts[token]
            if foreign and token.partition("=")[2] not in privileged:
                ranked.append((-foreign, token))
        ranked.sort()
        chosen = [token for _, token in ranked if token in elsewhere][:2]
        chosen += [token for _, token in ranked if token not in chosen][: _FEW - len(chosen)]
        order = {token: place for place, (_, token) in enumerate(ranked)}
        for token in sorted(chosen, key=lambda token: order[token]):
            yield self.known_as("stranger", token)

    def _players(self, relation: Relation, facts: Facts) -> Iterator[str]:
        """Users of the tables that the policies look into, who have the part that is asked for there."""
        for table in sorted(
            {use.table for use in facts.uses if use.table is not None and use.identity == UID}
        ):
            constants = [constant for constant in facts.constants if constant.table == table]
            yield from self._users_of(table, facts, constants)

    def _users_of(self, table: QualifiedName, facts: Facts, constants: Iterable[Constant]) -> list[str]:
        column = _user_column(table, facts)
        if column is None:
            return []
        conditions = [_condition(constant) for constant in constants]
        where = " AND ".join([f"{quote(column)} IS NOT NULL", *conditions])
        found = self.prober.control(
            f"SELECT DISTINCT {quote(column)}::text FROM {table.sql} WHERE {where} LIMIT 20"
        )
        return [uid for (uid,) in found.rows if _UUID.fullmatch(uid)]

    def _privileged(self, facts: Facts) -> frozenset[str]:
        """Users who hold a part that is not bound to one tenant: an administrator by a table."""
        return frozenset(
            uid
            for constant in self._parts(facts)
            for uid in self._users_of(constant.table, facts, (constant,))
        )

    def _parts(self, facts: Facts) -> list[Constant]:
        return [
            constant
            for constant in facts.constants
            if not self.belonging.is_membership(constant.table)
            and _user_column(constant.table, facts) is not None
        ]

    def _attributed(self, facts: Facts) -> Iterator[Persona]:
        for constant in self._parts(facts):
            for uid in self._users_of(constant.table, facts, (constant,))[:1]:
                yield self.user(f"{constant.column}={constant.values[0]}", uid)

    def _claimed(self, facts: Facts, shown: list[Persona]) -> Iterator[Persona]:
        owner = next((persona for persona in shown if persona.kind == "owner"), None)
        for test in facts.claims:
            if not demands.is_worth_trying(test):
                continue
            for value in test.values[:2]:
                if test.identity.path == ("aal",):
                    base = owner or self.user("newcomer", NEWCOMER_ID)
                    claims = dict(base.claims or {}) | {"aal": value}
                    yield replace(base, kind=value, claims=claims, about=f"{base.about} with {value}")
                else:
                    yield self._holder(test, value)

    def _holder(self, test: ClaimTest, value: str) -> Persona:
        path = test.identity.path or (test.identity.kind,)
        held = demands.held(test, value)
        base = self.user(f"{path[-1]}={demands.shown(held)}", NEWCOMER_ID)
        return replace(
            demands.with_claim(base, test.identity, held),
            tokens=frozenset(),
            about=f"{'.'.join(path)} is {demands.shown(held)}",
        )

    def _forgers(self, relation: Relation, facts: Facts, sample: Sample) -> Iterator[Persona]:
        """Newcomers who write into their own user_metadata what a policy asks for."""
        for test in facts.claims:
            if demands.is_forgeable(test.identity):
                yield replace(self._holder(test, test.values[0]), kind="forger")
        compared: list[Use | Limit] = [*facts.uses, *facts.limits]
        for use in compared:
            if demands.is_forgeable(use.identity) and use.table is None and sample.rows:
                for value in demands.found_in(self.prober, relation, use):
                    test = ClaimTest(use.identity, (value,), "=")
                    yield replace(self._holder(test, value), kind="forger")

        for path, value in facts.profile:
            yield from self._boaster(path, value)

    def _boaster(self, path: tuple[str, ...], value: str) -> Iterator[Persona]:
        """An ordinary user who writes into the own account what a policy looks for there."""
        users, column = USERS.sql, "raw_user_meta_data"
        keys = literal("{" + ",".join(path) + "}")
        found = self.prober.control(
            f"SELECT id::text FROM {users} WHERE {column} #>> {keys} IS DISTINCT FROM {literal(value)} LIMIT 1"
        )
        for (uid,) in found.rows:
            said = literal(demands.nested(path, value))
            added = f"coalesce({column}, '{{}}') || {said}::jsonb"
            before = f"UPDATE {users} SET {column} = {added} WHERE id = {literal(uid)};"
            yield replace(self.user("forger", uid), before=before)

    def qualified(self, relation: Relation, company: Company) -> Iterator[Persona]:
        """Those who fulfil several conditions at once: insiders and newcomers with all that policies ask of a token."""
        facts = self._facts(relation)
        wanted = list(demands.asked(self.prober, relation, facts))
        bases = [who for kind in ("owner", "member") if (who := company.find(kind)) is not None]
        bases += [self.user("member", uid) for uid in self._players(relation, facts)][:_FEW]
        if self.roles.user is not None and wanted:
            bases.append(self.user("", NEWCOMER_ID))
        for base in bases:
            persona = base
            for identity, value in wanted:
                persona = demands.with_claim(persona, identity, value)
            words = [f"{(i.path or (i.kind,))[-1]}={demands.shown(value)}" for i, value in wanted]
            kind = f"{base.kind} {' '.join(words)}".strip()
            yield replace(persona, kind=kind, about=f"{base.about} {' '.join(words)}".strip())

    def _email(self, uid: str) -> str:
        if uid not in self._emails:
            found = self.prober.control(f"SELECT email FROM auth.users WHERE id::text = {literal(uid)}")
            known = found.rows[0][0] if found.rows else None
            self._emails[uid] = known or f"{uid[:8]}@example.org"
        return self._emails[uid]


def _token(role: str, uid: str, email: str) -> dict[str, object]:
    """The claims of an ordinary access token, as GoTrue makes it."""
    return {
        "sub": uid,
        "role": role,
        "aud": "authenticated",
        "email": email,
        "phone": "",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": 1735689600}],
        "is_anonymous": False,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {},
    }


def _with_second_factor(persona: Persona) -> Persona:
    return replace(persona, claims=dict(persona.claims or {}) | {"aal": "aal2"})


def _choose(
    sample: Sample, labels: tuple[str, ...], *, besides: str | None = None, kinds: tuple[str, ...] = ()
) -> str | None:
    """The token with the most rows, but if it can be not with all of them; one that has no other bond, for members."""
    counts: Counter[str] = Counter()
    owned: set[str] = set()
    for row in sample.rows:
        for label, token in row.belongs:
            if label in labels and _is_usable(token) and (not kinds or token.startswith(kinds)):
                counts[token] += 1
            if label == "owner":
                owned.add(token)
    if "member" in labels:
        free = {token: count for token, count in counts.items() if token not in owned}
        counts = Counter(free) or counts
    counts.pop(besides or "", None)
    some = {token: count for token, count in counts.items() if count < len(sample.rows)}
    ranked = sorted(
        (some or counts).items(), key=lambda item: (not item[0].startswith("uid"), -item[1], item[0])
    )
    return ranked[0][0] if ranked else None


def _without(sample: Sample, privileged: frozenset[str]) -> Sample:
    """The sample without the bonds of those who see everything anyway, unless nobody else is left."""
    if not privileged:
        return sample
    tokens = {UID.token(uid) for uid in privileged}
    rows = [
        replace(row, belongs=frozenset(bond for bond in row.belongs if bond[1] not in tokens))
        for row in sample.rows
    ]
    return Sample(rows, sample.whole, sample.reason) if any(row.belongs for row in rows) else sample


def _is_usable(token: str) -> bool:
    name, _, value = token.partition("=")
    return bool(value) and (name != "uid" or bool(_UUID.fullmatch(value)))


def _user_column(table: QualifiedName, facts: Facts) -> str | None:
    return next((use.column for use in facts.uses if use.table == table and use.identity == UID), None)


def _condition(constant: Constant) -> str:
    values = ", ".join(literal(value) for value in constant.values)
    return f"{quote(constant.column)}::text IN ({values})"


def _one_of_each(personas: list[Persona]) -> tuple[Persona, ...]:
    kinds: dict[str, Persona] = {}
    for persona in personas:
        kinds.setdefault(persona.kind, persona)
    return tuple(kinds.values())
