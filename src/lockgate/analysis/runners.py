"""How the programs that run migration files treat transactions: one profile each, from their documentation."""

from __future__ import annotations

from typing import Literal

from lockgate.values import value

Wrapping = Literal["auto", "always", "never"]
"""What the user says: as the runner does it, every file in a transaction, or every statement alone."""

Block = Literal["explicit", "implicit", "none"]


@value(frozen=True, slots=True)
class Runner:
    """One program that runs files.

    ``block`` is what it opens around a file: an explicit BEGIN, the implicit transaction of several statements in one
    message (in which LOCK TABLE and SET LOCAL do not work), or nothing. ``splits`` means that it runs statements which
    must not be in a transaction apart; ``alone`` that it does so only when such a statement stands alone in its file.
    ``own_control`` says what a BEGIN in the file does: the runner keeps it as a boundary, steps back, or is nested.
    ``guards`` means that it sets lock_timeout and the other time-outs itself and retries.
    """

    name: str
    block: Block
    splits: bool = False
    alone: bool = False
    own_control: Literal["boundary", "steps back", "nested"] = "nested"
    guards: bool = False
    marker: str = ""


LOCKGATE = Runner(
    "lockgate",
    "explicit",
    splits=True,
    own_control="boundary",
    guards=True,
    marker="-- lockgate: no-transaction",
)

RUNNERS: tuple[Runner, ...] = (
    LOCKGATE,
    Runner("supabase", "implicit", splits=True, own_control="steps back"),
    Runner("psql", "none", own_control="steps back"),
    Runner("sqitch", "none", own_control="steps back"),
    Runner("prisma", "implicit", alone=True, own_control="steps back"),
    Runner("golang-migrate", "implicit", alone=True, own_control="steps back"),
    Runner("flyway", "explicit", alone=True),
    Runner("liquibase", "explicit"),
    Runner("atlas", "explicit", marker="-- atlas:txmode none"),
    Runner("alembic", "explicit"),
    Runner("sqlx", "explicit", marker="-- no-transaction"),
    Runner("diesel", "explicit"),
    Runner("dbmate", "explicit", marker="-- migrate:up transaction:false"),
    Runner("goose", "explicit", marker="-- +goose NO TRANSACTION"),
    Runner("node-pg-migrate", "explicit"),
    Runner("graphile-migrate", "explicit", marker="--! no-transaction"),
)
"""Every profile; a new one is one more line."""

_BY_NAME = {runner.name: runner for runner in RUNNERS}


def runner(name: str) -> Runner:
    """The profile of a name; raises KeyError."""
    return _BY_NAME[name]
