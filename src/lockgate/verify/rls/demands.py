"""What a token must hold to fulfil what policies ask of it: a value, a list, a number beyond a limit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from lockgate.sql.identifiers import quote
from lockgate.verify.rls.comparisons import ARRAY
from lockgate.verify.rls.expressions import ClaimTest, Facts, Limit, Use
from lockgate.verify.rls.identities import HEADERS
from lockgate.verify.rls.model import Identity, Persona, Relation
from lockgate.verify.rls.probes import Prober

_PASSING: Final = frozenset({"authenticated", "anon", "service_role"})
_SECRET: Final = re.compile(r"token|secret|key|code|signature|password", re.IGNORECASE)
_BEYOND: Final = {">": 1, "<": -1}


def is_worth_trying(test: ClaimTest) -> bool:
    """Whether a claim gives more than being logged in does, and comes from somebody who may give it."""
    if test.identity.kind not in ("claim", "setting") or is_forgeable(test.identity):
        return False
    return not _PASSING.issuperset(test.values)


def is_forgeable(identity: Identity) -> bool:
    """Whether clients themselves decide what stands there: user_metadata, and headers that are no secret."""
    if identity.kind == "header":
        return not any(_SECRET.search(step) for step in identity.path)
    return "user_metadata" in identity.path


def held(test: ClaimTest, value: str) -> object:
    """What must stand under a claim so that the comparison with a constant holds."""
    if test.operator == "@>":
        return _parsed(value)
    if test.listed == ARRAY and test.operator != "=":
        return [value]
    if test.operator in ("?", "?|", "?&", "<@"):
        return [value]
    if test.operator in _BEYOND and value.lstrip("-").isdigit():
        return int(value) + _BEYOND[test.operator]
    return {"true": True, "false": False}.get(value, value)


def _parsed(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return [value]


def shown(value: object) -> str:
    """A value of a token as the name of a persona has it."""
    if isinstance(value, list):
        return ",".join(map(shown, value))
    return value if isinstance(value, str) else json.dumps(value)


def with_claim(persona: Persona, identity: Identity, value: object) -> Persona:
    """Somebody who has a value under a claim, a setting or a header besides."""
    path = identity.path or (identity.kind,)
    if identity.kind in ("setting", "header"):
        setting = (
            (HEADERS, json.dumps({path[0]: value})) if identity.kind == "header" else (path[0], shown(value))
        )
        return replace(persona, settings=(*persona.settings, setting))
    claims = dict(persona.claims or {})
    set_path(claims, path, value)
    return replace(persona, claims=claims)


def set_path(claims: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Put a value under a path of a token, without changing the token that it was copied from."""
    here: Any = claims
    for step in path[:-1]:
        inner = here.get(step)
        here[step] = dict(inner) if isinstance(inner, dict) else {}
        here = here[step]
    here[path[-1]] = value


def nested(path: tuple[str, ...], value: object) -> str:
    """A JSON object with a value under a path."""
    for step in reversed(path):
        value = {step: value}
    return json.dumps(value)


def asked(prober: Prober, relation: Relation, facts: Facts) -> Iterator[tuple[Identity, object]]:
    """Every claim that policies of a relation ask for, with one value that lets pass what constants and limits ask."""
    seen: set[Identity] = set()
    for test in facts.claims:
        if is_worth_trying(test) and test.identity not in seen:
            seen.add(test.identity)
            yield test.identity, held(test, test.values[0])
    for limit in facts.limits:
        if limit.table is None and limit.identity.kind in ("claim", "setting") and limit.identity not in seen:
            seen.add(limit.identity)
            for value in found_in(prober, relation, limit):
                yield limit.identity, _number(value)


def found_in(prober: Prober, relation: Relation, use: Use | Limit) -> list[str]:
    """A value of the rows that a claim is compared with; of a limit, the one beyond all of them."""
    best = "min" if isinstance(use, Limit) and use.operator in ("<", "<=") else "max"
    expression = f"{best}({use.expression})" if isinstance(use, Limit) else use.expression
    found = prober.control(
        f"SELECT ({expression})::text FROM {relation.name.sql} AS {quote(relation.name.name)}"
        f" WHERE ({use.expression}) IS NOT NULL LIMIT 1"
    )
    return [value for (value,) in found.rows if value is not None]


def _number(value: str) -> object:
    return int(value) if value.lstrip("-").isdigit() else value
