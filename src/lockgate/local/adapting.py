"""What a substitute cannot take from SQL itself is taken away on its way to a local server, and only there."""

from __future__ import annotations

import re
from typing import Any, Self

import psycopg

from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import deparse, parse_one

_VECTOR_INDEX = re.compile(r"\bUSING\s+\"?(hnsw|ivfflat)\b.*\bWITH\s*\(", re.IGNORECASE | re.DOTALL)
_STANDS_IN = (
    b"SELECT FROM pg_am WHERE amname IN ('hnsw', 'ivfflat') AND amhandler = 'pg_catalog.hashhandler'::regproc"
)


class LocalCursor(psycopg.Cursor[Any]):
    """Leaves the options of a vector index out where our substitute makes the index.

    Only compiled code can declare options of an access method. On every other server the statement goes through as
    it is: whether the substitute stands in is asked of the server, when such a statement comes along.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Like psycopg's."""
        text = query.decode("utf-8") if isinstance(query, bytes) else query
        if isinstance(text, str) and _VECTOR_INDEX.search(text) and self._stands_in():
            query = without_options(text).encode("utf-8")
        return super().execute(query, params, **options)

    def _stands_in(self) -> bool:
        return self.connection.pgconn.exec_(_STANDS_IN).ntuples > 0


def without_options(sql: str) -> str:
    """A CREATE INDEX by one of the vector methods without its options; anything else as it is."""
    try:
        node = parse_one(sql).node
    except SqlSyntaxError:
        return sql
    index = node.get("IndexStmt", {})
    if index.get("accessMethod") not in ("hnsw", "ivfflat") or "options" not in index:
        return sql
    return deparse({"IndexStmt": {key: value for key, value in index.items() if key != "options"}})
