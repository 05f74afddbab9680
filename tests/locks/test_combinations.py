"""Several actions in one ALTER TABLE: the forecast holds for combinations that nobody wrote down."""

from __future__ import annotations

import random
import re

import psycopg
import pytest
from tests.locks.compare import comparable, difference, predicted, replayed
from tests.locks.forms import Form, all_forms
from tests.locks.measure import Bench, prepare, prepare_server
from tests.sampling import in_turn

from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import parse_one

ROUNDS = 250
_ACTION = re.compile(r"ALTER TABLE (?P<table>(?:ONLY )?\w+) (?P<action>.*)\Z", re.DOTALL)
_ALONE = re.compile(r"RENAME|SET SCHEMA|ATTACH|DETACH|INHERIT|NO INHERIT")
_SAME_COLUMN_TWICE = re.compile(r"ALTER COLUMN (\w+) TYPE .*ALTER COLUMN \1 TYPE", re.DOTALL)


def actions(major: int) -> dict[str, list[str]]:
    """The actions of all forms by table, as far as they can stand beside others."""
    found: dict[str, list[str]] = {}
    for form in all_forms():
        match = _ACTION.match(form.sql)
        usable = major in form.majors and form.data == "any" and not form.holds and not form.settings
        if match and usable and not _ALONE.match(match["action"]):
            found.setdefault(match["table"], []).append(match["action"])
    return {table: group for table, group in found.items() if len(group) > 1}


def combine(table: str, chosen: list[str]) -> str:
    """One statement; new columns and constraints get names of their own."""
    renamed = [
        re.sub(
            r"\bCOLUMN x\b", f"COLUMN x{number}", re.sub(r"\bCONSTRAINT k\b", f"CONSTRAINT k{number}", action)
        )
        for number, action in enumerate(chosen)
    ]
    return f"ALTER TABLE {table} {', '.join(renamed)}"


def statements(major: int) -> list[Form]:
    """Random combinations, the same in every run. Left out is what the server's counters of rows do not survive."""
    dice = random.Random(major)
    groups = actions(major)
    weights = [len(group) for group in groups.values()]
    made = []
    while len(made) < ROUNDS:
        (table,) = dice.choices(list(groups), weights)
        sql = combine(table, dice.sample(groups[table], min(len(groups[table]), dice.choice((2, 2, 3)))))
        if "heap_too" in sql or _SAME_COLUMN_TWICE.search(sql):
            continue
        try:
            made.append(Form(sql, "", "combinations", parse_one(sql)))
        except SqlSyntaxError:
            continue
    return made


@pytest.mark.server
@pytest.mark.parametrize("pg", in_turn([15, 17, 18]), indirect=True)
def test_combinations(pg) -> None:
    prepare_server(pg.admin_url)
    prepare(pg.admin_url, pg.major, "rows")
    catalog = replayed(pg.major)
    bench = Bench(pg.admin_url)
    wrong, ran = [], 0
    for form in statements(pg.major):
        try:
            measured = comparable(bench.measure(form), form, "rows")
        except psycopg.Error:
            continue
        ran += 1
        forecasted = comparable(predicted(form, catalog, pg.major), form, "rows")
        wrong += [f"{form.sql}\n    {line}" for line in difference(forecasted, measured)]
    bench.close()
    assert not wrong, "\n".join(wrong)
    assert ran > ROUNDS * 0.7
