"""The SQL between two schemas, run on real servers: it must lead from one exactly to the other."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.sampling import NIGHTLY, SEED, falls_to
from tests.servers import Database

from lockgate.catalog import Snapshot, as_sql, diff, read

HERE = Path(__file__).parent
EVERYTHING = (HERE / "schemas" / "everything.sql").read_text("utf-8")
_PARTS = re.split(
    r"^-- case: (.*)\n", (HERE / "cases" / "reversible.sql").read_text("utf-8"), flags=re.MULTILINE
)[1:]
CASES = dict(zip(_PARTS[::2], _PARTS[1::2], strict=True))

ALL = pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
ENDS = pytest.mark.parametrize("pg", [15, 16, 17, 18] if NIGHTLY else [15, 18], indirect=True)


def run(connection: psycopg.Connection[Any], statements: Iterable[str]) -> None:
    with connection.transaction():
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def remaining(connection: psycopg.Connection[Any], wanted: Snapshot) -> list[str]:
    return [str(item) for item in diff(read(connection, often=True), wanted).without_order]


@ALL
def test_everything_is_made_on_an_empty_database_and_removed_again(pg: Database) -> None:
    with pg.connect() as connection:
        empty = read(connection, often=True)
        run(connection, [EVERYTHING])
        full = read(connection, often=True)
        assert {type(item).__name__ for item in full.objects.values()} >= {"Plain", "Routine", "EventTrigger"}

        run(connection, as_sql(diff(full, empty)))
        assert remaining(connection, empty) == []

        run(connection, as_sql(diff(empty, full)))
        again = read(connection, often=True)
        assert [str(item) for item in diff(again, full)] == []
        assert again.fingerprint() == full.fingerprint()
        assert again.order_fingerprint() == full.order_fingerprint()


@ENDS
def test_a_fingerprint_survives_dump_and_restore(pg: Database) -> None:
    with pg.connect() as connection:
        run(connection, [EVERYTHING])
        before = read(connection, often=True)
        script = dump(pg)
        connection.execute('DROP SCHEMA app, "odd ""schema""" CASCADE')
        connection.execute("DROP FOREIGN DATA WRAPPER wrap CASCADE; DROP PUBLICATION everything, a_few")
        restore(pg, script)
        after = read(connection, often=True)
    assert [str(item) for item in diff(before, after)] == []
    assert after.fingerprint() == before.fingerprint()


def dump(pg: Database) -> str:
    command = [str(pg.installation.bin_dir / "pg_dump"), pg.url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def restore(pg: Database, script: str) -> None:
    # What a fresh database has already.
    script = "\n".join(line for line in script.splitlines() if "SCHEMA public" not in line)
    command = [str(pg.installation.bin_dir / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", pg.url]
    subprocess.run(command, input=script, check=True, capture_output=True, text=True)


@ENDS
def test_every_case_is_undone(pg: Database) -> None:
    failures = {}
    with pg.connect() as connection:
        run(connection, [EVERYTHING])
        before = read(connection, often=True)
        for name, sql in CASES.items():
            if not falls_to(name, str(pg.major), ("15", "18")):
                continue
            if problem := undo(connection, before, sql):
                failures[name] = problem
    assert failures == {}, f"LOCKGATE_SAMPLE_SEED={SEED}"


def undo(connection: psycopg.Connection[Any], before: Snapshot, sql: str) -> Sequence[str]:
    with connection.transaction(force_rollback=True):
        connection.execute(sql)  # type: ignore[call-overload]
        changed = diff(read(connection, often=True), before)
        if not changed:
            return ["the case changes nothing"]
        for statement in as_sql(changed):
            try:
                connection.execute(statement)  # type: ignore[call-overload]
            except psycopg.Error as error:
                return [f"{error} in {statement}"]
        return remaining(connection, before)


def test_renames_are_undone_by_renames_alone(pg: Database) -> None:
    with pg.connect() as connection:
        run(connection, [EVERYTHING])
        before = read(connection, often=True)
        for name in (
            "rename a table",
            "rename a column",
            "rename a schema",
            "rename a type",
            "exchange names in a circle",
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(CASES[name])  # type: ignore[call-overload]
                statements = as_sql(diff(read(connection, often=True), before))
            assert all(" RENAME " in statement for statement in statements), (name, statements)


def test_inheritance_that_comes_back_leaves_its_columns_local(pg: Database) -> None:
    with pg.connect() as connection:
        run(connection, [EVERYTHING])
        before = read(connection, often=True)
        run(connection, ["ALTER TABLE app.derived NO INHERIT app.base"])
        run(connection, as_sql(diff(read(connection, often=True), before)))
        assert all("local" in item or "inherited" in item for item in remaining(connection, before))
