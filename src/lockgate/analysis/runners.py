"""How the programs that run migration files treat transactions: one profile each, from their documentation."""

from __future__ import annotations

import re
from typing import Literal

from lockgate.sql.parse import Script
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
    ``guards`` means that it sets lock_timeout and the other time-outs itself and retries. ``marker`` is the line that
    asks it not to wrap a file; ``mark`` a pattern for the words of a comment that asks for it, ``first`` that only the
    comment at the very beginning of the file does.
    """

    name: str
    block: Block
    splits: bool = False
    alone: bool = False
    own_control: Literal["boundary", "steps back", "nested"] = "nested"
    guards: bool = False
    marker: str = ""
    mark: str = ""
    first: bool = False

    def leaves_alone(self, script: Script) -> bool:
        """Whether a comment of the file asks the runner not to wrap it."""
        if not self.mark:
            return False
        comments = script.comments[:1] if self.first else script.comments
        if self.first and comments and comments[0].start:
            return False
        return any(re.match(self.mark, comment.text.strip(), re.IGNORECASE) for comment in comments)


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
    Runner("liquibase", "explicit", mark=r"changeset\b.*\brunInTransaction\s*:\s*\"?false\b"),
    Runner("atlas", "explicit", marker="-- atlas:txmode none", mark=r"atlas:txmode\s+none\b"),
    Runner("alembic", "explicit"),
    Runner("sqlx", "explicit", marker="-- no-transaction", mark="no-transaction", first=True),
    Runner("diesel", "explicit"),
    Runner(
        "dbmate",
        "explicit",
        marker="-- migrate:up transaction:false",
        mark=r"migrate:up\b.*\btransaction:false\b",
    ),
    Runner("goose", "explicit", marker="-- +goose NO TRANSACTION", mark=r"\+goose\s+NO\s+TRANSACTION\b"),
    Runner("node-pg-migrate", "explicit"),
    Runner(
        "graphile-migrate", "explicit", marker="--! no-transaction", mark=r"!\s*no-transaction\b", first=True
    ),
)
"""Every profile; a new one is one more line."""

_BY_NAME = {runner.name: runner for runner in RUNNERS}


def runner(name: str) -> Runner:
    """The profile of a name; raises KeyError."""
    return _BY_NAME[name]
