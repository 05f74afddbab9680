"""The rows that the probes are held against, with whose they are: read as a role that no policy binds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.sql.identifiers import literal, quote
from lockgate.verify.rls.belonging import Belonging
from lockgate.verify.rls.model import Persona, Relation
from lockgate.verify.rls.probes import Prober

_CROWDED: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it is recognised by, where it lies, and whose it is as (label, token)."""

    key: str
    place: str
    belongs: frozenset[tuple[str, str]] = frozenset()
    tokens: frozenset[str] = field(init=False, default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", frozenset(token for _, token in self.belongs))

    def is_of(self, tokens: Collection[str]) -> bool:
        """Whether it belongs to somebody who has one of these tokens."""
        return not self.tokens.isdisjoint(tokens)


@dataclass(slots=True)
class Sample:
    """Rows of one relation; when there are none, why."""

    rows: list[Row] = field(default_factory=list)
    whole: bool = True
    reason: str = ""

    def of(self, tokens: Collection[str]) -> list[Row]:
        """The rows that belong to somebody."""
        return [row for row in self.rows if row.is_of(tokens)]


def key_expression(relation: Relation) -> str:
    """What a row is recognised by: its primary key, or where it has none, all of it."""
    alias = quote(relation.name.name)
    if not relation.key:
        return f"{alias}::text"
    return f"ROW({', '.join(f'{alias}.{quote(column)}' for column in relation.key)})::text"


def take(prober: Prober, relation: Relation, belonging: Belonging, limit: int) -> Sample:
    """The first rows of a relation and whose they are."""
    place = "''" if relation.is_view else f"{quote(relation.name.name)}.ctid::text"
    columns = f"{key_expression(relation)}, {place}"
    source = f"FROM {relation.name.sql} AS {quote(relation.name.name)} LIMIT {limit + 1}"
    arms = belonging.arms(relation)
    found = prober.control(f"SELECT {columns}, {_belongs(arms)} {source}")
    if found.refused and arms:
        # A comparison that cannot be made for some row costs the row its owner, not the table its probes.
        found = prober.control(f"SELECT {columns}, '[]'::jsonb {source}")
    if found.refused:
        return Sample(reason=_why(found.sqlstate, found.message))
    rows = [_row(*columns) for columns in found.rows[:limit]]
    return Sample(rows, len(found.rows) <= limit, "" if rows else "no rows")


def ask_again(
    prober: Prober, relation: Relation, belonging: Belonging, sample: Sample, tokens: Collection[str]
) -> None:
    """Make exact whether rows belong to these tokens, where only some of a row's members were read."""
    arms = belonging.arms(relation)
    # An arm that was cut short may still give few different tokens.
    crowded = [row for row in sample.rows if len(row.belongs) >= _CROWDED]
    if not crowded or not arms or not tokens:
        return
    wanted = ", ".join(literal(token) for token in sorted(tokens))
    united = " UNION ALL ".join(arms).replace(" LIMIT 50)", ")")
    places = ", ".join(literal(row.place) for row in crowded)
    alias = quote(relation.name.name)
    found = prober.control(
        f"SELECT {alias}.ctid::text, (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(label, token)), '[]')"
        f" FROM ({united}) AS a (label, token) WHERE token IN ({wanted})) FROM {relation.name.sql} AS {alias}"
        f" WHERE {alias}.ctid = ANY (ARRAY[{places}]::tid[])"
    )
    more = dict(found.rows)
    sample.rows = [
        Row(row.key, row.place, row.belongs | {(a, b) for a, b in more.get(row.place, ())})
        for row in sample.rows
    ]


def seen_by(prober: Prober, relation: Relation, personas: Iterable[Persona], limit: int) -> Sample:
    """The rows of a view that shows everybody the own ones, and the connection itself none."""
    seen: dict[str, Row] = {}
    for persona in personas:
        alias = quote(relation.name.name)
        outcome = prober.act(
            persona, f"SELECT {key_expression(relation)} FROM {relation.name.sql} AS {alias} LIMIT {limit}"
        )
        for (key,) in outcome.rows:
            known = seen.get(key, Row(key, ""))
            seen[key] = Row(key, "", known.belongs | {("owner", token) for token in persona.tokens})
    return Sample(list(seen.values()), True, "" if seen else "no rows")


def _belongs(arms: list[str]) -> str:
    if not arms:
        return "'[]'::jsonb"
    united = " UNION ALL ".join(arms)
    return (
        "(SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(label, token)), '[]')"
        f" FROM ({united}) AS a (label, token) WHERE token IS NOT NULL)"
    )


def _row(key: str, place: str, belongs: list[list[Any]]) -> Row:
    return Row(key, place, frozenset((label, token) for label, token in belongs))


def _why(sqlstate: str | None, message: str) -> str:
    if sqlstate == "42501":
        return "this connection may not see past its policies"
    return f"cannot be read: {sqlstate}"
