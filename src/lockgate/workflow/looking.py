"""Asks a server about the schema that a change meets: a target, or a throwaway one on which the files are applied."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

from lockgate.catalog import Snapshot, read
from lockgate.config import Config
from lockgate.config.targets import resolve_target
from lockgate.errors import LockgateError
from lockgate.local import flavours
from lockgate.migration.model import Migration
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.piece import prepare_all
from lockgate.proving.playing import play
from lockgate.workflow.target import reading

Look = Callable[[tuple[str, ...]], Snapshot | None]

PATIENCE: Final = "3s"
"""How long a statement is tried for: on tables without rows only one that waits, or computes, takes that long."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What a server says against a statement: its number among those that were tried, and the words of the error."""

    number: int
    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """What a server can be asked: the schema after some statements, and what it has against some others, if anything.

    Both answer None where no server can be asked.
    """

    look: Look
    refused: Callable[[Sequence[str]], Refused | None]


@contextlib.contextmanager
def looking_at(config: Config, name: str) -> Iterator[Looking]:
    """Reads a target, when it is asked; the target is not changed, so nothing is known of it after a statement."""

    def look(before: tuple[str, ...]) -> Snapshot | None:
        if before:
            return None
        with reading(config, resolve_target(config, name)) as opened:
            return read(opened.connection)

    yield Looking(functools.cache(look), lambda statements: None)


@contextlib.contextmanager
def looking_at_files(config: Config, migrations: Sequence[Migration], major: int) -> Iterator[Looking]:
    """Applies the files, and statements after them, to an empty throwaway database; None where that is not possible.

    The server is started when it is first asked, and runs until the block ends.
    """
    with contextlib.ExitStack() as stack:

        @functools.cache
        def start() -> tuple[Ground, str] | None:
            try:
                ground = stack.enter_context(open_ground(flavours.named(config.platform), major))
            except LockgateError:
                return None
            name = ground.clone()
            with ground.as_owner(name) as owner:
                played = [play(owner, piece.forth) for piece in prepare_all(migrations, ground)]
            return (ground, name) if all(one.ok for one in played) else None

        @functools.cache
        def look(before: tuple[str, ...]) -> Snapshot | None:
            base = start()
            return _after(*base, before) if base is not None else None

        def refused(statements: Sequence[str]) -> Refused | None:
            base = start()
            return _refused(*base, statements) if base is not None else None

        yield Looking(look, refused)


def _after(ground: Ground, base: str, before: tuple[str, ...]) -> Snapshot | None:
    """The schema of a database after some statements; None when one of them fails."""
    with ground.throwaway(base) as name, ground.as_owner(name) as owner:
        try:
            for sql in before:
                owner.execute(sql.encode())
        except psycopg.Error:
            return None
        return read(owner)


def _refused(ground: Ground, name: str, statements: Sequence[str]) -> Refused | None:
    """The first of some statements that the server does not take, in a transaction that is taken back."""
    with ground.as_owner(name) as owner, owner.transaction(force_rollback=True):
        owner.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'".encode())
        for number, sql in enumerate(statements):
            try:
                owner.execute(sql.encode())
            except psycopg.Error as error:
                words = error.diag
                return Refused(
                    number,
                    error.sqlstate or "",
                    words.message_primary or str(error),
                    words.message_detail,
                    words.message_hint,
                )
    return None
