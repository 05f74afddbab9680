"""The transaction that each statement runs in, by what the file says and what the runner adds."""

from __future__ import annotations

import pytest

from lockgate.analysis.runners import LOCKGATE, RUNNERS, runner
from lockgate.analysis.settings import Settings, milliseconds
from lockgate.analysis.source import Source
from lockgate.analysis.transactions import Session, Transaction
from lockgate.types import LockMode, RelationLock

CIC = "CREATE INDEX CONCURRENTLY i ON t (a);"
A, B, C = "ALTER TABLE t ADD a int;", "ALTER TABLE t ADD b int;", "ALTER TABLE t ADD c int;"


def numbers(sql: str, name: str = "lockgate", wrapping: str = "auto") -> list[str]:
    """Each statement as transaction number and block: ``1E`` explicit, ``1I`` implicit, ``1-`` alone."""
    source = Source.from_text(sql)
    session = Session(source, runner(name), wrapping)  # type: ignore[arg-type]
    found = []
    for statement in source.script.statements:
        transaction = session.enter(statement)
        found.append(f"{transaction.number}{shown(transaction)}")
        session.leave(statement)
    return found


def shown(transaction: Transaction) -> str:
    return {"explicit": "E", "implicit": "I", "none": "-"}[transaction.block]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (A + B, ["1E", "1E"]),
        (A + CIC + B, ["1E", "2-", "3E"]),
        (A + f"BEGIN;{B}COMMIT;" + C, ["1E", "2E", "2E", "2E", "3E"]),
        (f"BEGIN;{A}COMMIT;BEGIN;{B}COMMIT;", ["1E", "1E", "1E", "2E", "2E", "2E"]),
        (f"-- lockgate: no-transaction\n{A}{B}", ["1-", "2-"]),
        (f"BEGIN;{CIC}COMMIT;", ["1E", "1E", "1E"]),
        (f"BEGIN;{A}ROLLBACK;{B}", ["1E", "1E", "1E", "2E"]),
        (f"BEGIN;{A}COMMIT AND CHAIN;{B}COMMIT;", ["1E", "1E", "1E", "2E", "2E"]),
    ],
)
def test_lockgate(sql: str, expected: list[str]) -> None:
    assert numbers(sql) == expected


@pytest.mark.parametrize(
    ("name", "sql", "expected"),
    [
        ("supabase", A + CIC + B, ["1I", "2-", "3I"]),
        ("supabase", f"BEGIN;{A}COMMIT;{B}", ["1E", "1E", "1E", "2-"]),
        ("psql", A + B, ["1-", "2-"]),
        ("golang-migrate", CIC, ["1-"]),
        ("golang-migrate", A + CIC, ["1I", "1I"]),
        ("flyway", CIC, ["1-"]),
        ("flyway", A + CIC, ["1E", "1E"]),
        ("flyway", f"BEGIN;{A}COMMIT;{B}", ["1E", "1E", "1E", "2-"]),
        ("liquibase", CIC, ["1E"]),
        ("liquibase", f"--changeset me:1 runInTransaction:false\n{CIC}{A}", ["1-", "2-"]),
        ("liquibase", f"--changeset me:1 runInTransaction:true\n{CIC}", ["1E"]),
        ("atlas", f"-- atlas:txmode none\n\n{CIC}{A}", ["1-", "2-"]),
        ("atlas", f"-- atlas:txmode file\n{CIC}", ["1E"]),
        ("sqlx", f"-- no-transaction\n{CIC}{A}", ["1-", "2-"]),
        ("sqlx", f"-- An index.\n-- no-transaction\n{CIC}", ["1E"]),
        ("dbmate", f"-- migrate:up transaction:false\n{CIC}{A}", ["1-", "2-"]),
        ("dbmate", f"-- migrate:up\n{CIC}", ["1E"]),
        ("goose", f"-- +goose NO TRANSACTION\n-- +goose Up\n{CIC}{A}", ["1-", "2-"]),
        ("goose", f"-- +goose Up\n{CIC}", ["1E"]),
        ("graphile-migrate", f"--! no-transaction\n{CIC}", ["1-"]),
        ("lockgate", f"-- atlas:txmode none\n{A}{B}", ["1E", "1E"]),
    ],
)
def test_other_runners(name: str, sql: str, expected: list[str]) -> None:
    assert numbers(sql, name) == expected


def test_what_the_user_says_goes_before_what_the_runner_does() -> None:
    assert numbers(A + CIC, wrapping="always") == ["1E", "1E"]
    assert numbers(A + CIC, wrapping="never") == ["1-", "2-"]
    assert numbers(f"BEGIN;{A}COMMIT;{B}", wrapping="never") == ["1E", "1E", "1E", "2-"]


def test_every_runner_has_one_profile() -> None:
    assert len({profile.name for profile in RUNNERS}) == len(RUNNERS)
    assert runner("lockgate") is LOCKGATE


def session_of(sql: str, locks: dict[int, RelationLock] | None = None, name: str = "psql") -> Session:
    source = Source.from_text(sql)
    session = Session(source, runner(name))
    for statement in source.script.statements:
        session.enter(statement)
        lock = (locks or {}).get(statement.index)
        session.leave(statement, [lock] if lock else [])
    return session


def test_locks_are_held_to_the_end_of_the_transaction_and_no_longer() -> None:
    lock = RelationLock("public.t", LockMode.ACCESS_EXCLUSIVE)
    assert [
        held.relation for held in session_of(f"BEGIN;{A}", {1: lock}).transaction.holds(LockMode.SHARE)
    ] == ["public.t"]
    assert session_of(f"BEGIN;{A}COMMIT;{B}", {1: lock}).transaction.holds(LockMode.SHARE) == []
    assert (
        session_of(f"BEGIN;SAVEPOINT s;{A}ROLLBACK TO s;", {2: lock}).transaction.holds(LockMode.SHARE) == []
    )


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SET lock_timeout = '2s';", "2s"),
        ("SET SESSION lock_timeout TO 2000;", "2000"),
        ("SELECT set_config('lock_timeout', '3s', false);", "3s"),
        ("SET lock_timeout = '2s'; RESET lock_timeout;", None),
        ("SET lock_timeout = '2s'; RESET ALL;", None),
        ("SET lock_timeout = '2s'; DISCARD ALL;", None),
        ("SET LOCAL lock_timeout = '2s';", None),
        ("BEGIN; SET LOCAL lock_timeout = '2s';", "2s"),
        ("BEGIN; SET LOCAL lock_timeout = '2s'; COMMIT;", None),
        ("BEGIN; SET lock_timeout = '2s'; COMMIT;", "2s"),
        ("BEGIN; SET lock_timeout = '2s'; ROLLBACK;", None),
        ("SET lock_timeout = '1s'; BEGIN; SET lock_timeout = '2s'; ROLLBACK;", "1s"),
        ("BEGIN; SAVEPOINT a; SET lock_timeout = '2s'; ROLLBACK TO a;", None),
        ("BEGIN; SELECT set_config('lock_timeout', '3s', true);", "3s"),
        ("BEGIN; SELECT set_config('lock_timeout', '3s', true); COMMIT;", None),
        ("SET lock_timeout TO DEFAULT;", None),
    ],
)
def test_parameters_in_force(sql: str, value: str | None) -> None:
    assert session_of(sql).settings.get("lock_timeout") == value


def test_a_parameter_tells_where_it_was_set() -> None:
    found = session_of("SELECT 1; SET statement_timeout = '5s';").settings.found("statement_timeout")
    assert found is not None
    assert (found.value, found.statement, found.local) == ("5s", 1, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2s", 2000),
        ("500", 500),
        ("0", 0),
        ("1.5s", 1500),
        ("5min", 300_000),
        ("1h", 3_600_000),
        ("soon", None),
    ],
)
def test_durations(text: str, expected: float | None) -> None:
    assert milliseconds(text) == expected


def test_begin_without_commit_is_told() -> None:
    assert Session(Source.from_text("SELECT 1"), LOCKGATE).finish() is False
    assert session_of(f"BEGIN;{A}").finish() is True
    assert session_of(f"BEGIN;{A}COMMIT;").finish() is False


def test_a_new_session_forgets() -> None:
    settings = Settings()
    session = Session(Source.from_text("SET lock_timeout = '1s';"), LOCKGATE, settings=settings)
    for statement in Source.from_text("SET lock_timeout = '1s';").script.statements:
        session.enter(statement)
        session.leave(statement)
    assert settings.get("lock_timeout") == "1s"
    Session(Source.from_text("SELECT 1"), LOCKGATE, settings=settings)
    assert settings.get("lock_timeout") is None
