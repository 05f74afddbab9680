"""The reference page of measured locks, written from the stored measurements."""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.locks.compare import words
from tests.locks.forms import MAJORS, Form, all_forms
from tests.locks.paths import FOLDER

Json = dict[str, Any]

FAMILIES = {
    "add_column": "Adding columns",
    "alter_column": "Changing and dropping columns",
    "alter_type": "Changing the type of a column",
    "constraints": "Constraints",
    "indexes": "Indexes",
    "partitions": "Partitions",
    "inheritance": "Inheritance",
    "tables": "Tables",
    "views": "Views, materialized views and rules",
    "triggers": "Triggers, policies, publications and statistics",
    "types": "Domains, types, functions, sequences and schemas",
    "data": "Queries, changes of data and blocks",
    "databases": "Databases, subscriptions and what else no transaction takes",
}
MOST_RELATIONS = 12

INTRODUCTION = """\
# Locks, measured

What {count} forms of statements really did on PostgreSQL {first} to {last}: the strongest lock in `pg_locks` on each
relation that existed before, whether its file was replaced (`rewrite`), whether all its rows were read (`scan`), and
whether an index on it was built (`index build`). Each form was run in a transaction and rolled back; one that no
transaction takes was run by a second session and held up until its locks could be read. The forecast of
`lockgate check` and `lockgate explain` is compared with these measurements in every run of the tests, on every
version, with rows and without.

Names in brackets are indexes and sequences, listed where their lock says more than the one on their table. Unless a
row says otherwise, all versions did the same.

The schema is `tests/locks/schema.sql`, the forms are in `tests/locks/forms/`, and this page is written by
`scripts/measure_locks.py`.
"""


def render(stored: Json) -> str:
    """The whole page."""
    parts = [INTRODUCTION.format(count=len(all_forms()), first=MAJORS[0], last=MAJORS[-1])]
    by_family = {
        family: list(forms) for family, forms in itertools.groupby(all_forms(), key=lambda form: form.family)
    }
    for family, title in FAMILIES.items():
        parts.append(f"\n## {title}\n\n| statement | locks | in a transaction |\n|---|---|---|")
        parts += [_row(form, stored[form.id]) for form in by_family[family]]
    return "\n".join(parts) + "\n"


def _row(form: Form, entries: list[Json]) -> str:
    note = f"<br>{form.note}" if form.note else ""
    context = "".join(f"<br>with `{setting}`" for setting in form.settings)
    locks = "<br>".join(_locks(form, entry) for entry in entries)
    taken = "yes" if form.transactional else "no"
    return f"| `{_one_line(form.sql)}`{context}{note} | {locks} | {taken} |"


def _one_line(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).replace("|", "\\|")


def _locks(form: Form, entry: Json) -> str:
    found = [f"{_short(name)}: {words(lock)}" for name, lock in entry["relations"].items()]
    found += [f"({_short(name)}: {words(lock)})" for name, lock in entry["attached"].items()]
    if form.sample:
        found.append("and every other table in turn")
    elif len(found) > MOST_RELATIONS:
        found = [*found[:3], f"and {len(found) - 3} more relations"]
    return _majors(entry["majors"]) + ("<br>".join(found) or "none")


def _short(name: str) -> str:
    return f"`{name.removeprefix('public.')}`"


def _majors(majors: list[int]) -> str:
    if majors == list(MAJORS):
        return ""
    return f"*{majors[0]}*: " if len(majors) == 1 else f"*{majors[0]} to {majors[-1]}*: "


def missing_families() -> set[str]:
    """Files of forms that the page has no title for."""
    return {path.stem for path in (FOLDER / "forms").glob("*.sql")} - set(FAMILIES)
