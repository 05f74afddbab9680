"""Forecast and measurement of one form side by side, in the same words."""

from __future__ import annotations

from typing import Any

from tests.locks.forms import Form
from tests.locks.measure import scripts
from tests.locks.paths import FOLDER

from lockgate.analysis.locks import forecast
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.sql.parse import parse
from lockgate.types import RelationLock

Json = dict[str, Any]
_ROW_FLAGS = ("scan", "index_build")


def replayed(major: int, settings: tuple[str, ...] = ()) -> Catalog:
    """The schema of the forms on a server version, built by replaying the scripts that the server runs."""
    known = dict(setting.replace("'", "").split(" = ") for setting in settings)
    known.setdefault("timezone", "UTC")
    catalog = Catalog(known.get)
    catalog.begin_unit(0)
    for script in scripts(major):
        for statement in parse((FOLDER / script).read_text("utf-8")).statements:
            replay(catalog, statement.kind, statement.tree)
    catalog.begin_unit(1)
    return catalog


def predicted(form: Form, catalog: Catalog, major: int) -> Json:
    """The forecast in the shape of a measurement; relations that are assumed to exist and do not are left out."""
    found = forecast(form.statement, catalog, major)
    return {
        "transactional": found.transactional,
        "relations": {lock.relation: _entry(lock) for lock in found.relations if _exists(catalog, lock)},
        "attached": {lock.relation: _entry(lock) for lock in found.attached if _exists(catalog, lock)},
    }


def _entry(lock: RelationLock) -> Json:
    flags = {name: True for name in ("rewrite", *_ROW_FLAGS) if getattr(lock, name)}
    return {"mode": lock.mode.pg_name, **flags}


def _exists(catalog: Catalog, lock: RelationLock) -> bool:
    schema, _, name = lock.relation.partition(".")
    return catalog.relation(schema, name) is not None or catalog.index(schema, name) is not None


def comparable(result: Json, form: Form, profile: str) -> Json:
    """What of a result can be compared: nothing is read of an empty table, and a planner may have its own ideas."""
    parts = {part: _some(result[part], form) for part in ("relations", "attached")}
    hidden = _ROW_FLAGS if profile == "empty" else ("scan",) if form.planned else ()
    for entries in parts.values():
        for name, entry in entries.items():
            entries[name] = {key: value for key, value in entry.items() if key not in hidden}
    return {"transactional": result["transactional"], **parts}


def _some(entries: Json, form: Form) -> Json:
    return {name: entry for name, entry in entries.items() if not form.sample or name in form.sample}


def difference(forecasted: Json, measured: Json) -> list[str]:
    """Each relation on which the two disagree, as a line."""
    lines = []
    if forecasted["transactional"] != measured["transactional"]:
        lines.append(f"in a transaction: forecast {forecasted['transactional']}")
    for part in ("relations", "attached"):
        for name in sorted({*forecasted[part], *measured[part]}):
            one, other = forecasted[part].get(name), measured[part].get(name)
            if one != other:
                lines.append(f"{name}: forecast {words(one)}, measured {words(other)}")
    return lines


def words(entry: Json | None) -> str:
    """An entry in a few words: ``AccessExclusive, rewrite``."""
    if entry is None:
        return "nothing"
    flags = [key.replace("_", " ") for key in ("rewrite", *_ROW_FLAGS) if entry.get(key)]
    return ", ".join([entry["mode"].removesuffix("Lock"), *flags])
