"""The stored measurements: per form, one entry for each group of server versions that did the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.locks.forms import Form, all_forms
from tests.locks.paths import MEASURED

Json = dict[str, Any]
ByMajor = Mapping[int, Mapping[str, Json]]
"""Results by server version and form."""


def stored_profile(form: Form) -> str:
    """The database whose results are kept: the one with rows, where a form can be run in it."""
    return form.profiles()[0]


def group(results: ByMajor) -> Json:
    """Fold the results of several versions into what is stored."""
    return {form.id: _groups(form, results) for form in all_forms()}


def _groups(form: Form, results: ByMajor) -> list[Json]:
    groups: list[Json] = []
    for major in form.majors:
        result = results[major][form.id]
        last = groups[-1] if groups else None
        if last is not None and {k: v for k, v in last.items() if k != "majors"} == result:
            last["majors"].append(major)
        else:
            groups.append({"majors": [major], **result})
    return groups


def of_major(stored: Json, major: int) -> dict[str, Json]:
    """The stored results of one version by form."""
    return {
        form: {key: value for key, value in entry.items() if key != "majors"}
        for form, entries in stored.items()
        for entry in entries
        if major in entry["majors"]
    }


def load() -> Json:
    """What is stored."""
    stored: Json = json.loads(MEASURED.read_text("utf-8"))
    return stored


def save(stored: Json) -> None:
    """Store measurements, one form a line."""
    lines = [f"{json.dumps(form)}: {json.dumps(entries, sort_keys=True)}" for form, entries in stored.items()]
    MEASURED.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
