"""Ways around the policies of a table: views and functions that read with their owner's rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls import explaining
from lockgate.verify.rls.bench import Manner, Probe
from lockgate.verify.rls.expressions import Facts, Reader
from lockgate.verify.rls.model import Command, Function, Hole, Persona, Relation, Schema, Verdict
from lockgate.verify.rls.personas import NEWCOMER_ID, Casting
from lockgate.verify.rls.probes import Prober
from lockgate.verify.rls.reading import PLATFORM_SCHEMAS

_REACHES_OUT: Final = re.compile(
    r"\bnet\.|\bhttp|dblink|vault\.|pg_sleep|\bcopy\b|pg_read_file", re.IGNORECASE
)
_CAPABILITY: Final = re.compile(r"token|code|secret|hash|slug|password|signature", re.IGNORECASE)
_MOST_ARGUMENTS: Final = 4
_ROWS: Final = frozenset({"record", "json", "jsonb"})


def search_view(probe: Probe) -> Iterator[Hole]:
    """A view that shows what its reader could not read from its tables."""
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


def search_functions(
    prober: Prober, schema: Schema, casting: Casting, reader: Reader, manner: Manner
) -> list[Hole]:
    """Functions with their owner's rights that hand out rows which the caller could not read."""
    helpers = {name for facts in casting.belonging.facts.values() for name in facts.calls}
    found: list[Hole] = []
    if casting.roles.user is None:
        return found
    callers = [casting.user("newcomer", NEWCOMER_ID)]
    if casting.roles.anonymous:
        callers.insert(0, Persona("anon", casting.roles.anonymous, {"role": casting.roles.anonymous}))
    for function in schema.functions:
        if function.name in helpers or not _is_worth_calling(function, manner):
            continue
        protected = _protected_tables(function, schema, reader)
        if protected:
            found += _call(function, protected, prober, schema, callers)
    return found


def _is_worth_calling(function: Function, manner: Manner) -> bool:
    if not function.definer or not function.callers or function.name.schema in PLATFORM_SCHEMAS:
        return False
    if function.language not in ("sql", "plpgsql") or _REACHES_OUT.search(function.body):
        return False
    if manner.only or (manner.live and function.volatility == "v"):
        return False
    # Whoever knows a token or a code has the permission that it stands for.
    if any(_CAPABILITY.search(name) for name, _ in function.arguments):
        return False
    gives_rows = function.is_set or function.return_kind == "c" or function.return_type in _ROWS
    return gives_rows and len(function.arguments) <= _MOST_ARGUMENTS


def _protected_tables(function: Function, schema: Schema, reader: Reader) -> list[Relation]:
    facts = Facts()
    reader.follow(facts, function.name, None, 0)
    relations = (schema.relations.get(name) for name in sorted(facts.tables))
    return [relation for relation in relations if relation is not None and relation.rls]


def _call(
    function: Function, protected: list[Relation], prober: Prober, schema: Schema, callers: list[Persona]
) -> Iterator[Hole]:
    if explaining.says_public(function.name.name, function.comment) or explaining.opens_by_attribute(
        function.body
    ):
        return
    arguments = _arguments(function, protected, prober, schema)
    for persona in callers:
        if persona.role not in function.callers or any(_reads(prober, persona, table) for table in protected):
            continue
        call = f"{function.name.sql}({', '.join(arguments)})"
        outcome = prober.act(
            persona, f"SELECT count(*) FROM {call} AS r WHERE to_jsonb(r)::text !~ {literal(_EMPTY)}"
        )
        if outcome.rows and outcome.rows[0][0]:
            tables = ", ".join(str(table.name) for table in protected)
            yield Hole(
                "definer-function",
                function.label,
                persona.kind,
                "execute",
                f"{persona.kind} gets {outcome.rows[0][0]} rows out of the function that the policies of {tables} hide",
                "SECURITY DEFINER: the function reads with the rights of its owner",
                "compare with auth.uid() inside, or REVOKE EXECUTE … FROM PUBLIC, anon, authenticated",
            )
            return


_EMPTY: Final = r'^(null|\[\]|\{\}|\{("[^"]*": null(, )?)*\})$'


def _reads(prober: Prober, persona: Persona, table: Relation) -> bool:
    outcome = prober.act(persona, f"SELECT 1 FROM {table.name.sql} LIMIT 1")
    return bool(outcome.rows)


def _arguments(function: Function, protected: list[Relation], prober: Prober, schema: Schema) -> list[str]:
    """A value of a real row for each argument that is needed: by the column of its name, else by its type."""
    needed = function.arguments[: len(function.arguments) - function.defaults]
    return [_value(name, type_, protected, prober) for name, type_ in needed]


def _value(name: str, type_: str, protected: list[Relation], prober: Prober) -> str:
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
