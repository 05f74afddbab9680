"""Several statements in one round trip, below the cursors of psycopg: a tenth of their work for each statement.

A small migration is two dozen statements, nearly all of them the same ones again and again. Those are kept prepared for
as long as the connection lives; psycopg forgets its own after every ALTER and DROP, because a plan might be out of
date, which the server finds out by itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.waiting import Ready, Wait

from lockgate.sql.messages import KEPT, Message, as_text, numbered

_FINE: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)
_PATIENCE: Final = 5.0
"""Seconds that a server has to end what we do not want any more."""

_COUNTED: Final = (b"INSERT", b"UPDATE", b"DELETE", b"MERGE", b"COPY")


class Answer:
    """What the server says to one statement; empty until the round trip has ended."""

    __slots__ = ("about", "result")

    def __init__(self, about: object) -> None:
        self.about = about
        self.result: pq.abc.PGresult | None = None

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        """The rows, every value as text."""
        result = self.result
        assert result is not None
        return [
            tuple(_text(result.get_value(row, column)) for column in range(result.nfields))
            for row in range(result.ntuples)
        ]

    @property
    def row_count(self) -> int | None:
        """How many rows a statement changed; None for one that changes none by its nature."""
        status = self.result.command_status if self.result else None
        counts = status is not None and status.split(b" ", 1)[0] in _COUNTED
        return self.result.command_tuples if counts and self.result else None


class Wire:
    """Round trips on one connection; nothing else may be asked on it while one is open.

    Without ``keeps`` nothing stays prepared: for migrations that deallocate what is.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, keeps: bool = True) -> None:
        self.connection = connection
        self._keeps = keeps
        self._pgconn = connection.pgconn
        self._kept: dict[bytes, bytes] = {}
        self._sent: list[Answer] = []
        self._new: dict[bytes, bytes] = {}
        self._encoding = "utf-8"

    @contextmanager
    def round_trip(self) -> Iterator[None]:
        """Send all that is asked inside the block; the answers are there when it has ended.

        Nothing after a statement that fails is executed. Raises that statement's error; what it was asked ``about`` is
        the error's ``lockgate_statement``.
        """
        with self.connection.lock:
            self._encoding = self.connection.info.encoding
            self._pgconn.enter_pipeline_mode()
            complete = False
            try:
                yield
                self._pgconn.pipeline_sync()
                complete = True
                error = self.connection.wait(self._collect())
            except BaseException:
                self._abandon(complete=complete)
                raise
            finally:
                self._sent.clear()
                self._new.clear()
            self._leave()
        if error is not None:
            raise error

    def ask(self, message: Message) -> Answer:
        """Ask something of our own, with its statement kept prepared."""
        text, names = numbered(message.sql)
        return self._ask(text, [as_text(message.values[name], self._encoding) for name in names])

    def tell(self, text: bytes) -> Answer:
        """Say something of our own that has no values; kept prepared like a question."""
        return self._ask(text, None)

    def _ask(self, text: bytes, values: list[bytes | None] | None) -> Answer:
        if not self._keeps:
            self._pgconn.send_query_params(text, values)
            return self._expect(None)
        name = self._kept.get(text) or self._new.get(text)
        if name is None:
            self._new[text] = name = f"{KEPT}{len(self._kept) + len(self._new)}".encode()
            self._pgconn.send_prepare(name, text)
            self._expect(text)
        self._pgconn.send_query_prepared(name, values)
        return self._expect(None)

    def run(self, sql: str, about: object) -> Answer:
        """Send a statement as it stands, at once: the server begins with what it has while we go on."""
        self._pgconn.send_query_params(sql.encode(self._encoding), None)
        self._pgconn.flush()
        return self._expect(about)

    def _expect(self, about: object) -> Answer:
        answer = Answer(about)
        self._sent.append(answer)
        return answer

    def _collect(self, until: float = math.inf) -> PQGen[psycopg.Error | None]:
        """Take every result up to the end of the round trip; the value is the first error among them.

        Raises OperationalError when the server has not come to the end at the moment ``until``.
        """
        pgconn, error, place = self._pgconn, None, 0
        yield from self._flush()
        while True:
            while pgconn.is_busy():
                if (yield Wait.R):
                    pgconn.consume_input()
                elif time.monotonic() > until:
                    raise psycopg.OperationalError("the server does not answer")
            result = pgconn.get_result()
            if result is None:
                if pgconn.status == pq.ConnStatus.BAD:
                    return error or psycopg.OperationalError(pgconn.get_error_message())
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return error
            if error is None:
                error = self._take(self._sent[place] if place < len(self._sent) else None, result)
            place += 1

    def _flush(self) -> PQGen[None]:
        while self._pgconn.flush():
            # None after an interruption: then psycopg has cancelled the statement, and waits for the rest anew.
            if ((yield Wait.RW) or 0) & Ready.R:
                self._pgconn.consume_input()

    def _take(self, answer: Answer | None, result: pq.abc.PGresult) -> psycopg.Error | None:
        """Put a result where it belongs, or make an error of it."""
        if result.status not in _FINE:
            error = error_from_result(result, self._encoding)
            if answer is not None and isinstance(answer.about, tuple):
                error.lockgate_statement = answer.about  # type: ignore[attr-defined]
            return error
        if answer is not None:
            answer.result = result
            if isinstance(answer.about, bytes):
                self._kept[answer.about] = self._new[answer.about]
        return None

    def _abandon(self, *, complete: bool) -> None:
        """After an interruption: let the server stop, and take what is still under way; at worst close."""
        if self._pgconn.status == pq.ConnStatus.BAD:
            return
        try:
            if self._pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
                self.connection.cancel_safe(timeout=_PATIENCE)
                if not complete:
                    self._pgconn.pipeline_sync()
                self.connection.wait(self._collect(time.monotonic() + _PATIENCE))
            self._leave()
        except (psycopg.Error, OSError):
            self.connection.close()

    def _leave(self) -> None:
        if self._pgconn.status == pq.ConnStatus.OK:
            self._pgconn.exit_pipeline_mode()


def _text(value: bytes | None) -> str | None:
    return value.decode() if value is not None else None
