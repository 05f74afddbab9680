"""What policies cost: read from the server's own plan of a filtered query, for each kind of user."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from lockgate.verify.rls.bench import Probe
from lockgate.verify.rls.model import UID, Hole, Persona

_PER_ROW: Final = ("current_setting(", "auth.uid()", "auth.jwt()", "auth.role()", "auth.email()")
_ASKED: Final = ("anon", "owner", "member", "newcomer")


def advise(probe: Probe) -> list[Hole]:
    """Advice for one table with policies: calls for every row, indexes that are missing, whole tables read."""
    relation = probe.relation
    if not (relation.is_table and relation.rls and relation.policies):
        return []
    found: dict[str, Hole] = {}
    for persona in probe.company.shown:
        if persona.kind in _ASKED:
            for item in _of_persona(probe, persona):
                found.setdefault(item.kind, item)
    return list(found.values())


def _of_persona(probe: Probe, persona: Persona) -> Iterator[Hole]:
    filters = list(_own_filters(probe, persona))
    text = " ".join(condition for _, condition in filters)
    called = next((name for name in _PER_ROW if name in text), None)
    if called is not None:
        yield _advice(
            probe,
            persona,
            "call-for-every-row",
            f"the claims are read anew for every row: {_shorten(text)}",
            "write (SELECT auth.uid()) instead of auth.uid(): it is then called once",
        )
    function = _function_for_every_row(probe, text)
    if function is not None:
        yield _advice(
            probe,
            persona,
            "function-for-every-row",
            f"{function} is called for every row",
            "let a function return the keys that may be seen: key IN (SELECT my_keys()) calls it once",
        )
    for column in _unindexed(probe):
        if any(node == "Seq Scan" and column in condition for node, condition in filters):
            yield _advice(
                probe,
                persona,
                "missing-index",
                f"the policies filter by {column}, and no index begins with it: the whole table is read",
                f"CREATE INDEX CONCURRENTLY ON {probe.relation.name.sql} ({column})",
            )
            return


def _own_filters(probe: Probe, persona: Persona) -> Iterator[tuple[str, str]]:
    """The nodes that scan this table, with their conditions; index scans are preferred, to see whether one can be."""
    outcome = probe.prober.act(
        persona,
        f"EXPLAIN (FORMAT JSON) SELECT * FROM {probe.relation.name.sql}",
        before="SET LOCAL enable_seqscan = off;",
    )
    if outcome.refused or not outcome.rows:
        return
    plan = outcome.rows[0][0]
    tree = json.loads(plan) if isinstance(plan, str) else plan
    for node in _nodes(tree[0]["Plan"]):
        if node.get("Relation Name") == probe.relation.name.name and node.get("Filter"):
            yield node["Node Type"], node["Filter"]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        if inner.get("Parent Relationship") not in ("InitPlan", "SubPlan"):
            yield from _nodes(inner)


def _unindexed(probe: Probe) -> Iterator[str]:
    """Columns that say whose a row is, by which the policies filter, and that no index begins with."""
    facts = probe.belonging.facts[probe.relation.name]
    for user in probe.belonging.users.get(probe.relation.name, []):
        if (
            user.column in facts.columns
            and user.column not in probe.relation.indexed
            and user.identity == UID
        ):
            yield str(user.column)


def _function_for_every_row(probe: Probe, text: str) -> str | None:
    called = probe.belonging.facts[probe.relation.name].calls
    for name in sorted(called):
        for form in (f"{name.name}(", f'"{name.name}"('):
            start = text.find(form)
            if start >= 0 and not text.startswith(f"{form})", start):
                return f"{name}()"
    return None


def _advice(probe: Probe, persona: Persona, kind: str, what: str, remedy: str) -> Hole:
    return Hole(kind, str(probe.relation.name), persona.kind, "select", what, "", remedy, level="advice")


def _shorten(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
