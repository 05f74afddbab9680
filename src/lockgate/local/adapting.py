"""What a substitute cannot take from SQL itself is taken away on its way to a local server, and only there."""

from __future__ import annotations

import re
from typing import Any, Self

import psycopg

from lockgate.errors import SqlSyntaxError

_VECTOR_INDEX = re.compile(r"\bUSING\s+\"?(hnsw|ivfflat|pgroonga)\b.*\bWITH\s*\(", re.IGNORECASE | re.DOTALL)
_STANDS_IN = (
    b"SELECT 1 FROM pg_catalog.pg_am WHERE amname IN ('hnsw', 'ivfflat', 'pgroonga')"
    b" AND amhandler IN ('pg_catalog.hashhandler'::pg_catalog.regproc, 'pg_catalog.brinhandler'::pg_catalog.regproc)"
)
_EVENT_TRIGGER = re.compile(r"\bCREATE\s+EVENT\s+TRIGGER\b", re.IGNORECASE)
_WINDOW = b"SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'platform_event_window'"
_OPEN_WINDOW = b"SELECT extensions.platform_event_window()"


class LocalCursor(psycopg.Cursor[Any]):
    """Helps two sorts of statements through where our local platform stands in for a hosted one.

    Only compiled code can declare options of an access method: those of a vector index, or one of pgroonga, are left
    out. And nothing on the server notices CREATE EVENT TRIGGER in time to lend the role of a hosted project the right
    to it: that is asked for before. On every other server a statement goes through as it is: what the server is, is
    asked of it when such a statement comes along.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Like psycopg's."""
        text = query.decode("utf-8") if isinstance(query, bytes) else query
        if isinstance(text, str):
            if _VECTOR_INDEX.search(text) and self._holds(_STANDS_IN):
                query = without_options(text).encode("utf-8")
            elif _EVENT_TRIGGER.search(text) and self._is_event_trigger(text) and self._holds(_WINDOW):
                psycopg.Cursor(self.connection).execute(_OPEN_WINDOW)
        return super().execute(query, params, **options)

    def _holds(self, question: bytes) -> bool:
        # An ordinary cursor: it may be asked in the middle of a pipeline too.
        return psycopg.Cursor(self.connection).execute(question).fetchone() is not None

    @staticmethod
    def may_help(text: str) -> bool:
        """Whether a statement looks like one of those that need help."""
        return bool(_VECTOR_INDEX.search(text) or _EVENT_TRIGGER.search(text))

    @staticmethod
    def _is_event_trigger(text: str) -> bool:
        from lockgate.sql.parse import parse_one

        try:
            return parse_one(text).kind == "CreateEventTrigStmt"
        except SqlSyntaxError:
            return False


def wants_help(connection: psycopg.Connection[Any], sql: str) -> bool:
    """Whether a statement has to go through the cursor of a connection to a local server."""
    return connection.cursor_factory is LocalCursor and LocalCursor.may_help(sql)


def without_options(sql: str) -> str:
    """A CREATE INDEX by one of the vector methods without its options; anything else as it is."""
    from lockgate.sql.parse import deparse, parse_one

    try:
        node = parse_one(sql).node
    except SqlSyntaxError:
        return sql
    index = node.get("IndexStmt", {})
    if index.get("accessMethod") not in ("hnsw", "ivfflat", "pgroonga") or "options" not in index:
        return sql
    return deparse({"IndexStmt": {key: value for key, value in index.items() if key != "options"}})
