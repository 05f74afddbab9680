"""One relation on the bench: how probes are made, its rows, its personas, and what was tried already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lockgate.verify.rls.attempts import Attempt, Trial
from lockgate.verify.rls.belonging import Belonging
from lockgate.verify.rls.expressions import Facts, Reader
from lockgate.verify.rls.model import Command, Persona, Policy, Relation, Schema
from lockgate.verify.rls.personas import Casting, Company
from lockgate.verify.rls.probes import Prober
from lockgate.verify.rls.sampling import Row, Sample


@dataclass(frozen=True, slots=True)
class Manner:
    """How probes are made.

    ``sample`` rows of each relation are read and ``writes`` of them are written at once; on a ``live`` database tables
    whose triggers may reach outside are not written. ``seconds`` bounds the whole, ``only`` names the relations.
    ``empty`` says why tables may have no rows.
    """

    live: bool = False
    sample: int = 200
    writes: int = 60
    seconds: float = 600.0
    only: tuple[str, ...] = ()
    statement_timeout: str = "5s"
    lock_timeout: str = "200ms"
    search: bool = True
    empty: dict[str, str] = field(default_factory=dict)


LIVE: Final = Manner(
    live=True, sample=200, writes=6, seconds=300.0, statement_timeout="2s", lock_timeout="100ms"
)


@dataclass(slots=True)
class Probe:
    """One relation with everything that its cells and the search for holes need."""

    trial: Trial
    schema: Schema
    company: Company
    casting: Casting
    reader: Reader
    manner: Manner
    attempts: dict[tuple[str, Command], Attempt] = field(default_factory=dict)

    @property
    def relation(self) -> Relation:
        """The relation."""
        return self.trial.relation

    @property
    def sample(self) -> Sample:
        """Its rows."""
        return self.trial.sample

    def attempt(self, persona: Persona, command: Command) -> Attempt:
        """The result of a persona's command, tried once."""
        key = (f"{persona.kind == 'stranger'} {persona.identity}", command)
        if key not in self.attempts:
            grant = self.schema.grant(self.relation, persona.role)
            trial = self.trial.of_others(persona) if persona.kind == "stranger" else self.trial
            self.attempts[key] = trial.attempt(command, persona, grant)
        return self.attempts[key]

    @property
    def prober(self) -> Prober:
        """What acts."""
        return self.trial.prober

    @property
    def belonging(self) -> Belonging:
        """Whose rows are."""
        return self.casting.belonging

    def facts(self, policy: Policy) -> Facts:
        """What the text of a policy says."""
        return self.reader.read_all(policy.texts, self.relation.name)

    def leaves_to_parent(self, facts: Facts) -> bool:
        """Whether a policy admits whoever sees the row's parent, whose own policies are tried by themselves."""
        parents = [
            self.schema.relations[table] for _, table, _ in facts.joins if table in self.schema.relations
        ]
        return any(parent.rls and self.belonging.is_owned(parent) for parent in parents)

    def has_control(self) -> bool:
        """Whether somebody whom policies bind reads a row where policies are there to let somebody."""
        opened = any(policy.permissive and policy.serves(Command.SELECT) for policy in self.relation.policies)
        if not (self.relation.rls and opened and self.sample.rows):
            return True
        return any(self.reads(persona) for persona in self.company.shown if persona.kind != "service_role")

    def reads(self, persona: Persona) -> bool:
        """Whether somebody reads any row."""
        return self.attempt(persona, Command.SELECT).count > 0

    def is_small(self) -> bool:
        """Whether all rows may be written at once."""
        most = self.manner.writes if self.manner.live else self.manner.sample
        return self.sample.whole and len(self.sample.rows) <= most

    def plain(self) -> list[Persona]:
        """Everybody who has no special right: nobody, newcomers, owners and members of some rows, forgers."""
        plain = [persona for persona in self.company.shown if persona.kind in _PLAIN]
        more = [persona for persona in self.company.strangers if persona not in plain]
        return [*plain, *more, *self.company.forgers]

    def foreign(self, persona: Persona) -> list[Row]:
        """The rows that do not belong to somebody."""
        return [row for row in self.sample.rows if not row.is_of(persona.tokens)]


_PLAIN: Final = frozenset({"anon", "newcomer", "stranger", "owner", "member"})
