"""What a query would do that no ROLLBACK takes back: such a query is prepared and planned, and not executed.

A throwaway database bears everything that stays inside a transaction. What waits, acts on the server or on other ones,
touches files or moves a sequence for the queries behind it is known by the functions that are called: by the query,
by the bodies of functions, and by triggers of the tables that it writes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from lockgate.sql.parse import Node, parse_one, walk
from lockgate.sql.queries import read as read_query

_REASONS: Final[Mapping[str, str]] = {
    "waits": r"pg_sleep(?:_for|_until)?",
    "moves a sequence for good": r"setval",
    "asks what its session did before": r"currval|lastval",
    "asks another server": r"dblink\w*|http|http_(?:get|post|put|patch|delete|head)|postgres_fdw_\w+",
    "takes a lock that outlives its transaction": r"pg_(?:try_)?advisory_(?:un)?lock(?:_shared|_all)?",
    "touches files of the server": r"lo_(?:import|export)|pg_read_(?:binary_)?file\w*|pg_file_\w+|pg_stat_file"
    r"|pg_ls_\w+",
    "acts on the server": r"pg_(?:cancel|terminate)_backend|pg_reload_conf|pg_rotate_logfile\w*|pg_promote"
    r"|pg_switch_wal|pg_create_restore_point|pg_(?:start|stop)_backup|pg_backup_(?:start|stop)"
    r"|pg_(?:create|copy|drop|sync)_\w*replication_slot\w*|pg_replication_\w+|pg_logical_\w+|pg_wal_replay_\w+"
    r"|pg_stat_reset\w*|pg_stat_statements_reset|pg_log_(?:backend_memory_contexts|standby_snapshot)",
}
_KNOWN: Final = {reason: re.compile(pattern) for reason, pattern in _REASONS.items()}
_CALLED: Final = {
    reason: re.compile(rf"(?<![\w$])(?:{pattern})\s*\(", re.IGNORECASE)
    for reason, pattern in _REASONS.items()
}
_WRITES: Final = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt")


@dataclass(frozen=True, slots=True)
class Reach:
    """The routines of a database, and the tables with triggers, that reach beyond a transaction, with the reason."""

    routines: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)

    def of(self, sql: str) -> str | None:
        """Why a query is not executed; None when a ROLLBACK takes back all that it does."""
        tree = parse_one(sql).node
        called = (self._called(name) for name in _calls(tree))
        fired = (self.tables.get(name) for name in _written(tree))
        return next((reason for reason in (*called, *fired) if reason is not None), None)

    def _called(self, name: str) -> str | None:
        reason = self.routines.get(name) or _known(name)
        return f"{name}() {reason}" if reason else None


def read_reach(connection: psycopg.Connection[Any]) -> Reach:
    """What the routines and triggers of a database do, as far as their bodies say so in plain words."""
    rows = connection.execute(read_query("lockgate.proving", "bodies")).fetchall()
    routines = _reaching([(name, body) for name, body, _ in rows])
    tables = {
        table: f"{name}(), a trigger of {table}, {routines[name]}"
        for name, _, fired_by in rows
        for table in fired_by
        if name in routines
    }
    return Reach(routines, tables)


def _reaching(bodies: list[tuple[str, str]]) -> dict[str, str]:
    """Those that call what reaches out, and those that call them, until there is no further one."""
    found = {name: reason for name, body in bodies if (reason := _said(body))}
    news = list(found)
    while news:
        pattern = re.compile(rf"(?<![\w$])({'|'.join(map(re.escape, news))})\"?\s*\(", re.IGNORECASE)
        news = []
        for name, body in bodies:
            if name not in found and (match := pattern.search(body)):
                found[name] = found.get(match[1].lower(), "calls what does")
                news.append(name)
    return found


def _said(body: str) -> str | None:
    return next((reason for reason, pattern in _CALLED.items() if pattern.search(body)), None)


def _known(name: str) -> str | None:
    return next((reason for reason, pattern in _KNOWN.items() if pattern.fullmatch(name)), None)


def _calls(tree: Node) -> Iterator[str]:
    for kind, node in walk(tree):
        call = node.get("funccall", {}) if kind == "CallStmt" else node if kind == "FuncCall" else {}
        if call:
            yield call["funcname"][-1]["String"]["sval"]


def _written(tree: Node) -> Iterable[str]:
    return (
        node["relation"]["relname"] for kind, node in walk(tree) if kind in _WRITES and "relation" in node
    )
