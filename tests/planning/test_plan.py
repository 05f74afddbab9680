from __future__ import annotations

import json

import pytest

from lockgate.errors import LockgateError, SourceError
from lockgate.migration.directives import parse_directives
from lockgate.planning.from_file import SourceFile, gate_of, plan_file
from lockgate.planning.plan import LockPolicy, PhaseKind, Plan, StepKind, transaction_groups
from lockgate.sql.parse import parse


def plan(text: str, one_by_one: bool = False) -> Plan:
    script = parse(text)
    directives = parse_directives(script, "x.sql")
    return plan_file(SourceFile("20250101000000", "x", "x.sql", "sum", script, directives, one_by_one), 17)


def groups(text: str, one_by_one: bool = False) -> list[list[str]]:
    return [
        [sql for step in group for sql in step.sql]
        for group in transaction_groups(plan(text, one_by_one).steps)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1; SELECT 2", [["SELECT 1", "SELECT 2"]]),
        ("BEGIN; SELECT 1; COMMIT; SELECT 2", [["SELECT 1"], ["SELECT 2"]]),
        (
            "SELECT 0; BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; END",
            [["SELECT 0"], ["SELECT 1"], ["SELECT 2"]],
        ),
        (
            "SELECT 1; CREATE INDEX CONCURRENTLY i ON t (a); SELECT 2",
            [["SELECT 1"], ["CREATE INDEX CONCURRENTLY i ON t (a)"], ["SELECT 2"]],
        ),
        ("VACUUM t; VACUUM u", [["VACUUM t"], ["VACUUM u"]]),
        ("BEGIN; SAVEPOINT a; SELECT 1; RELEASE a; COMMIT", [["SAVEPOINT a", "SELECT 1", "RELEASE a"]]),
        ("REINDEX (CONCURRENTLY) TABLE t", [["REINDEX (CONCURRENTLY) TABLE t"]]),
        (
            "SELECT 1; REINDEX (CONCURRENTLY false) TABLE t",
            [["SELECT 1", "REINDEX (CONCURRENTLY false) TABLE t"]],
        ),
    ],
)
def test_transactions_are_those_of_the_file(text: str, expected: list[list[str]]) -> None:
    assert groups(text) == expected


def test_one_by_one_gives_every_statement_a_transaction_of_its_own() -> None:
    assert groups("SELECT 1; SELECT 2; BEGIN; SELECT 3; SELECT 4; COMMIT", one_by_one=True) == [
        ["SELECT 1"],
        ["SELECT 2"],
        ["SELECT 3", "SELECT 4"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BEGIN; SELECT 1", "BEGIN has no COMMIT"),
        ("SELECT 1;\nCOMMIT", "x.sql:2:1: COMMIT without BEGIN"),
        ("BEGIN; BEGIN; COMMIT", "BEGIN inside BEGIN"),
        ("BEGIN; SELECT 1; ROLLBACK", "ROLLBACK cannot stand in a migration"),
        ("BEGIN; VACUUM t; COMMIT", "cannot run inside BEGIN"),
        ("BEGIN; PREPARE TRANSACTION 'x'", "cannot stand in a migration"),
        ("COPY t FROM STDIN", "COPY"),
        ("SELEC 1", "x.sql:1:1: syntax error"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        plan(text)


def test_steps_know_their_kind_and_how_to_wait() -> None:
    made = plan(
        "ALTER TABLE t VALIDATE CONSTRAINT c;\n-- lockgate: backfill batch=50 key=id\nUPDATE t SET a = 1;\n"
        "CREATE INDEX CONCURRENTLY i ON t (a);\nSELECT true;"
    )
    assert [step.kind for step in made.steps] == [
        StepKind.VALIDATE,
        StepKind.BACKFILL,
        StepKind.DDL,
        StepKind.CHECK,
    ]
    assert made.steps[1].option("batch") == "50"
    assert made.steps[2].lock_policy is LockPolicy.PATIENT
    assert made.steps[2].probe is not None
    assert made.steps[3].option("key") is None


def test_gates_and_phases_come_from_directives() -> None:
    text = '-- lockgate: change rename-x 3/3 contract\n-- lockgate: gate "the old application is gone"\nSELECT 1;'
    made = plan(text)
    assert made.phases[0].kind is PhaseKind.CONTRACT
    gate = made.phases[0].gate
    assert gate is not None
    assert gate.text == "the old application is gone"
    script = parse("SELECT 1")
    assert gate_of(SourceFile("1", "x", "x", "", script, parse_directives(script, "x"))) is None


def test_a_plan_survives_json_with_the_same_digest() -> None:
    made = plan(
        "-- lockgate: irreversible nothing to go back to\nDROP INDEX CONCURRENTLY i; ALTER TABLE t DROP a;"
    )
    again = Plan.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.digest == made.digest
    assert made.undo.reason == "nothing to go back to"
    assert plan("SELECT 2").digest != plan("SELECT 3").digest


@pytest.mark.parametrize("broken", [{"format": 99}, {"format": 1}, {"format": 1, "version": "x"}])
def test_a_plan_of_another_format_or_in_pieces_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(LockgateError):
        Plan.from_json(broken)
