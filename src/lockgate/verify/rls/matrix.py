"""The matrix: every relation, every persona, every command, each tried on real rows and taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import psycopg

from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls.attempts import Trial
from lockgate.verify.rls.belonging import Belonging
from lockgate.verify.rls.bench import Manner, Probe
from lockgate.verify.rls.doubts import errors_of, without_control
from lockgate.verify.rls.expressions import Reader
from lockgate.verify.rls.functions import call_functions, not_called
from lockgate.verify.rls.holes import search
from lockgate.verify.rls.model import (
    COMMANDS,
    Cell,
    Command,
    Grant,
    Line,
    Matrix,
    Persona,
    Relation,
    Schema,
    Verdict,
)
from lockgate.verify.rls.performance import advise
from lockgate.verify.rls.personas import Casting, Company, Roles
from lockgate.verify.rls.probes import Prober, probing
from lockgate.verify.rls.reading import policy_roles, probed, read_schema
from lockgate.verify.rls.sampling import ask_again, seen_by, take

Connection = psycopg.Connection[Any]
Tell = Callable[[int, int, str], None]

_SUPABASE: Final = ("anon", "authenticated", "service_role")


def build(connection: Connection, manner: Manner, tell: Tell | None = None) -> Matrix:
    """Try everything on one database and look for holes.

    All happens in transactions that are rolled back, one for each relation, as the connection's own role and as the
    roles that it may take on. Raises psycopg errors only when the connection is lost.
    """
    began = time.monotonic()
    matrix = Matrix(manner="live" if manner.live else "clone")
    with probing(
        connection, lock_timeout=manner.lock_timeout, statement_timeout=manner.statement_timeout
    ) as prober:
        roles = find_roles(connection)
        schema = read_schema(connection, roles.all())
        roles, notes = usable(prober, roles, schema)
        matrix.notes += notes
        reader = reader_of(schema)
        belonging = Belonging.of(schema, reader)
        casting = Casting(prober, belonging, roles)
        relations = probed(schema, only=manner.only)
        companies: dict[QualifiedName, Company] = {}
        for number, relation in enumerate(relations):
            if tell is not None:
                tell(number, len(relations), str(relation.name))
            if time.monotonic() - began > manner.seconds:
                matrix.lines.append(_skipped(relation, f"time limit of {manner.seconds:.0f} s"))
                continue
            prober.renew()
            probe = _probe(prober, relation, schema, casting, reader, manner)
            companies[relation.name] = probe.company
            matrix.lines.append(line_of(probe))
            if manner.search:
                matrix.holes += search(probe)
                matrix.advice += advise(probe)
        matrix.notes += [note for line in matrix.lines for note in errors_of(line)]
        if manner.search:
            matrix.notes += not_called(schema)
            matrix.notes += without_control(relations, matrix.lines)
        calls = call_functions(prober, schema, casting, reader, manner, companies)
        matrix.lines += calls.lines
        matrix.holes += calls.holes
        matrix.advice += calls.advice
        matrix.probes = prober.count
    matrix.seconds = time.monotonic() - began
    return matrix


def find_roles(connection: Connection) -> Roles:
    """The roles of a Supabase project, and those that policies name; elsewhere those that may read tables."""
    named = policy_roles(connection)
    rows = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = ANY (%s)",
        ([*_SUPABASE, *named],),
    ).fetchall()
    known = {name: bool(bypasses) for name, bypasses in rows}
    others = sorted(name for name in named if name not in _SUPABASE and not known.get(name, True))
    user = "authenticated" if "authenticated" in known else None
    if user is None:
        granted = connection.execute(_GRANTEES).fetchall()
        candidates = others or [name for (name,) in granted]
        user = candidates[0] if candidates else None
        others = [name for name in candidates if name != user]
    return Roles(
        "anon" if "anon" in known else None,
        user,
        "service_role" if "service_role" in known else None,
        tuple(others),
    )


_GRANTEES: Final = """
    SELECT DISTINCT r.rolname
    FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a, pg_catalog.pg_roles AS r
    WHERE c.relkind IN ('r', 'p', 'v') AND a.grantee = r.oid AND NOT r.rolsuper AND NOT r.rolbypassrls
      AND r.oid <> c.relowner AND r.rolname !~ '^pg_'
    ORDER BY 1
"""


def usable(prober: Prober, roles: Roles, schema: Schema) -> tuple[Roles, list[str]]:
    """The roles that this connection may take on, and a note for each that it may not."""
    refused: dict[str, str] = {}
    for role in roles.all():
        outcome = prober.act(Persona(role, role), "SELECT 1")
        if outcome.refused:
            refused[role] = outcome.message
    notes = [f"role {role} was not tried: {why}" for role, why in sorted(refused.items())]
    bypass = prober.own(
        "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user"
    )
    if bypass.rows and not bypass.rows[0][0]:
        notes.append(
            "this connection is itself bound by policies: where they hide rows from it, nothing can be proved"
        )
    anonymous, user, service = (
        role if role not in refused else None for role in (roles.anonymous, roles.user, roles.service)
    )
    return Roles(anonymous, user, service, tuple(r for r in roles.others if r not in refused)), notes


def line_of(probe: Probe) -> Line:
    """The cells of one relation."""
    relation, sample = probe.relation, probe.sample
    cells = {
        (persona.kind, command): _cell(probe, persona, command)
        for persona in probe.company.shown
        for command in COMMANDS
        if not (relation.kind == "m" and command is not Command.SELECT)
    }
    note = "" if sample.rows else _why_empty(probe)
    return Line(
        relation.name,
        relation.kind,
        relation.rls,
        probe.company.shown,
        cells,
        len(sample.rows),
        note,
        probe.trial.update_column(_EVERYTHING),
        dict(_users(probe)),
    )


_EVERYTHING: Final = Grant(True, True, True, None)


def _users(probe: Probe) -> Iterator[tuple[str, str]]:
    """Queries for the id of an owner and of a member, for tests that are run elsewhere."""
    arms = probe.belonging.arms(probe.relation)
    for persona in probe.company.shown:
        tokens = [token for token in persona.tokens if token.startswith("uid=")]
        labels = {label for row in probe.sample.rows for label, token in row.belongs if token in tokens}
        if persona.kind not in ("owner", "member") or not tokens or not labels or not arms:
            continue
        label = persona.kind if persona.kind in labels else min(labels)
        query = (
            f"SELECT substr(a.token, 5) FROM {probe.relation.name.sql} AS {quote(probe.relation.name.name)},"
            f" LATERAL ({' UNION ALL '.join(arms)}) AS a (label, token)"
            f" WHERE a.label = {literal(label)} AND a.token LIKE 'uid=%' LIMIT 1"
        )
        yield persona.kind, query


def _cell(probe: Probe, persona: Persona, command: Command) -> Cell:
    if not probe.sample.rows:
        return _cell_of_none(probe, persona, command)
    if command is not Command.SELECT:
        if probe.relation.is_view:
            return _cell_of_view(probe, persona, command)
        out = next((trigger.name for trigger in probe.relation.triggers if trigger.reaches_out), None)
        if out is not None and probe.manner.live:
            return Cell(Verdict.UNTESTABLE, note=f"trigger {out} may reach outside the database")
    return probe.attempt(persona, command).cell(persona)


def _cell_of_none(probe: Probe, persona: Persona, command: Command) -> Cell:
    """Without rows only a missing privilege can be told."""
    grant = probe.schema.grant(probe.relation, persona.role)
    if not grant.may(command):
        return Cell(Verdict.PRIVILEGE, sqlstate="42501")
    return Cell(Verdict.UNTESTABLE, note=f"no rows; {_why_empty(probe)}")


def _cell_of_view(probe: Probe, persona: Persona, command: Command) -> Cell:
    """Writing through a view is judged by its tables; only whether it is possible at all is told here."""
    grant = probe.schema.grant(probe.relation, persona.role)
    if not grant.may(command):
        return Cell(Verdict.PRIVILEGE, sqlstate="42501")
    return probe.attempt(persona, command).cell(persona)


def _why_empty(probe: Probe) -> str:
    reason = probe.manner.empty.get(str(probe.relation.name)) or probe.sample.reason
    return "the table is empty" if reason == "no rows" else reason


def _probe(
    prober: Prober, relation: Relation, schema: Schema, casting: Casting, reader: Reader, manner: Manner
) -> Probe:
    sample = take(prober, relation, casting.belonging, manner.sample)
    company = casting.of(relation, sample)
    if relation.kind == "v" and not sample.rows:
        company = casting.of_tables(relation, manner.sample) or company
        sample = seen_by(prober, relation, company.shown, manner.sample)
    tokens = {token for persona in company.everybody() for token in persona.tokens}
    ask_again(prober, relation, casting.belonging, sample, tokens)
    trial = Trial(prober, relation, sample, manner.writes)
    probe = Probe(trial, schema, company, casting, reader, manner)
    if not probe.has_control():
        probe.company = company.with_shown(
            next((who for who in casting.qualified(relation, company) if probe.reads(who)), None)
        )
    return probe


def _skipped(relation: Relation, why: str) -> Line:
    return Line(relation.name, relation.kind, relation.rls, (), {}, 0, why)


def reader_of(schema: Schema) -> Reader:
    """What reads the expressions of a schema's policies."""
    columns = {
        name: frozenset(column.name for column in relation.columns)
        for name, relation in schema.relations.items()
    }
    functions = {function.name: function for function in schema.functions if function.name.schema != "auth"}
    return Reader(columns, functions)


def kinds(matrix: Matrix) -> list[str]:
    """The personas of all lines, in the order of their standing."""
    order = ["anon", "newcomer", "stranger", "owner", "member"]
    found = dict.fromkeys(persona.kind for line in matrix.lines for persona in line.personas)
    rest = [kind for kind in found if kind not in order and kind != "service_role"]
    return [kind for kind in [*order, *rest, "service_role"] if kind in found]


def collect(lines: Collection[Line], name: str) -> Line | None:
    """The line of a relation by its name."""
    return next((line for line in lines if str(line.relation) == name), None)
