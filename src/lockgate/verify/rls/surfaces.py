"""Ways around the policies of a table: views that read with their owner's rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.sql.identifiers import QualifiedName
from lockgate.verify.rls import explaining
from lockgate.verify.rls.attempts import Trial
from lockgate.verify.rls.bench import Probe
from lockgate.verify.rls.model import Command, Hole, Persona, Relation, Schema, Verdict
from lockgate.verify.rls.sampling import take


def search_view(probe: Probe) -> Iterator[Hole]:
    """A view that shows what its reader could not read from its tables, or takes what they would refuse."""
    shown = list(_shown(probe))
    yield from shown or _written(probe)


def _written(probe: Probe) -> Iterator[Hole]:
    """Rows that belong to others, put into the table of a view that writes with its owner's rights."""
    view = probe.relation
    tables = [probe.schema.relations[name] for name in view.reads if name in probe.schema.relations]
    if view.kind != "v" or view.invoker or len(tables) != 1 or not (tables[0].is_table and tables[0].rls):
        return
    sample = take(probe.prober, tables[0], probe.belonging, probe.manner.writes)
    trial = Trial(probe.prober, tables[0], sample, probe.manner.writes)
    for persona in probe.plain():
        rows = [row for row in sample.rows if row.belongs and not row.is_of(persona.tokens)][:1]
        may = probe.schema.grant(view, persona.role).may(Command.INSERT)
        for record in trial.records(rows) if may else ():
            if _passes_only_through(probe, trial, persona, record):
                what = f"insert a row that belongs to somebody else into {tables[0].name} through the view"
                yield Hole(
                    "definer-view",
                    str(view.name),
                    persona.kind,
                    "insert",
                    f"{persona.kind} can {what}",
                    f"the view writes with the rights of its owner {view.owner}",
                    f"ALTER VIEW {view.name.sql} SET (security_invoker = true)",
                )
                return


def _passes_only_through(probe: Probe, trial: Trial, persona: Persona, record: dict[str, Any]) -> bool:
    """Whether the view takes a row that its table refuses for its policies."""
    grant = probe.schema.grant(trial.relation, persona.role)
    columns = {column.name for column in probe.relation.columns} & set(trial.insertable())
    owners = {user.column for user in probe.belonging.users.get(trial.relation.name, [])}
    record = {name: value for name, value in record.items() if name in columns}
    if owners.isdisjoint(record):
        return False
    through = probe.trial.insertion(record, probe.schema.grant(probe.relation, persona.role))
    outcome = probe.prober.act(persona, through)
    if not (outcome.by_constraint or (not outcome.refused and outcome.count)):
        return False
    direct = probe.prober.act(persona, trial.insertion(record, grant))
    return direct.by_policy or direct.sqlstate == "42501"


def _shown(probe: Probe) -> Iterator[Hole]:
    relation = probe.relation
    protected = [name for name in _read_by(probe.schema, relation) if _has_rls(probe.schema, name)]
    if relation.invoker or not protected:
        return
    definition = _definition(probe)
    if explaining.says_public(relation.name.name, relation.comment):
        return
    for persona in probe.plain():
        count = _seen(probe, persona)
        if count and count > _directly(probe, persona, definition) and not _opens(probe, definition):
            kind = "materialized-view" if relation.kind == "m" else "definer-view"
            tables = ", ".join(sorted(map(str, protected)))
            yield Hole(
                kind,
                str(relation.name),
                persona.kind,
                "select",
                f"{persona.kind} can select {count} rows through the view that the policies of {tables} hide",
                "a materialized view has no policies"
                if relation.kind == "m"
                else f"the view reads with the rights of its owner {relation.owner}",
                "keep it out of the exposed schemas, or revoke SELECT from anon and authenticated"
                if relation.kind == "m"
                else f"ALTER VIEW {relation.name.sql} SET (security_invoker = true)",
            )
            return


def _seen(probe: Probe, persona: Persona) -> int:
    """Rows of others that somebody sees; all of them for those who own nothing."""
    attempt = probe.attempt(persona, Command.SELECT)
    if attempt.cell(persona).verdict is not Verdict.ALLOWED:
        return 0
    if persona.kind in ("anon", "newcomer"):
        return attempt.count
    if not probe.belonging.is_owned(probe.relation):
        return 0
    return sum(not row.is_of(persona.tokens) for row in attempt.touched())


def _directly(probe: Probe, persona: Persona, definition: str) -> int:
    """How many rows the view's own query gives to somebody who asks it without the view."""
    outcome = probe.prober.act(persona, f"SELECT count(*) FROM ({definition}) AS direct")
    total = outcome.rows[0][0] if outcome.rows else 0
    if persona.kind in ("anon", "newcomer"):
        return int(total)
    own = sum(row.is_of(persona.tokens) for row in probe.sample.rows)
    return max(0, int(total) - own)


def _opens(probe: Probe, definition: str) -> bool:
    where = definition.lower().rpartition(" where ")[2] if " where " in definition.lower() else ""
    return explaining.opens_by_attribute(where)


def _definition(probe: Probe) -> str:
    found = probe.prober.own(
        f"SET LOCAL search_path = '';SELECT pg_catalog.pg_get_viewdef({probe.relation.oid}::oid)"
    )
    return (
        str(found.rows[0][0]).strip().rstrip(";").replace("\n", " ") if found.rows else "SELECT 1 WHERE false"
    )


def _read_by(schema: Schema, relation: Relation, depth: int = 4) -> Iterator[QualifiedName]:
    """The tables that a view reads, through other views as well."""
    for name in relation.reads:
        inner = schema.relations.get(name)
        if inner is not None and inner.is_view and not inner.invoker and depth:
            yield from _read_by(schema, inner, depth - 1)
        else:
            yield name


def _has_rls(schema: Schema, name: QualifiedName) -> bool:
    relation = schema.relations.get(name)
    return relation is not None and relation.rls
