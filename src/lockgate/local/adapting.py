"""What SQL on the server cannot stand in for is done to a statement on its way to a local server, and only there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import psycopg

from lockgate.errors import SqlSyntaxError
from lockgate.sql.identifiers import literal

Adapt = Callable[[psycopg.Connection[Any], str, Mapping[str, Any]], str]
"""The statement to send instead; gets the connection, the statement as given, and its parse tree."""

_METHODS = ("hnsw", "ivfflat", "pgroonga")
_OPTIONS = re.compile(
    rf"(\bUSING\s+\"?(?:{'|'.join(_METHODS)})\"?\s*\((?:[^()]|\([^()]*\))*\))\s*WITH\s*\([^()]*\)",
    re.IGNORECASE,
)
"""The columns of an index by one of the methods, and its options: for statements that are texts of another one."""
_RESERVED = frozenset(
    (
        "supabase_admin", "supabase_auth_admin", "supabase_storage_admin", "supabase_read_only_user",
        "supabase_realtime_admin", "supabase_replication_admin", "supabase_functions_admin", "supabase_etl_admin",
        "dashboard_user", "pgbouncer",
    )
)  # fmt: skip
_API_ROLES = frozenset(("anon", "authenticated", "authenticator", "service_role"))
_ATTRIBUTES_ARE_PASSED_ON = 160000
"""Since this version a role may give others the attributes that it has itself."""
_RESERVED_MEMBERSHIPS = _RESERVED | {
    "authenticator", "pg_read_server_files", "pg_write_server_files", "pg_execute_server_program"
}  # fmt: skip
_SUBSTITUTED_METHODS = (
    b"SELECT 1 FROM pg_catalog.pg_am WHERE amname IN ('hnsw', 'ivfflat', 'pgroonga')"
    b" AND amhandler::text IN ('hashhandler', 'brinhandler')"
)
_PROJECT = (
    b"SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'platform_event_window' AND session_user = 'postgres'"
)


@dataclass(frozen=True, slots=True)
class Adaptation:
    """One kind of statement that needs help.

    ``pattern`` lets all others through at once, ``kind`` is that of the parse tree, ``question`` is asked of the server
    and has a row where help is due.
    """

    pattern: re.Pattern[str]
    kind: str
    question: bytes
    adapt: Adapt


def _without_options(connection: psycopg.Connection[Any], sql: str, index: Mapping[str, Any]) -> str:
    return without_options(sql)


def _without_options_inside(connection: psycopg.Connection[Any], sql: str, block: Mapping[str, Any]) -> str:
    return _OPTIONS.sub(r"\1", sql)


def _lend(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    psycopg.Cursor(connection).execute(b"SELECT extensions.platform_event_window()")
    return sql


def _by_code_point(connection: psycopg.Connection[Any], sql: str, define: Mapping[str, Any]) -> str:
    """A collation of ICU as a copy of one that any server has."""
    options = [item["DefElem"]["defname"] for item in define.get("definition", [])]
    if define.get("kind") != "OBJECT_COLLATION" or "provider" not in options:
        return sql
    known = psycopg.Cursor(connection).execute(
        b"SELECT collname FROM pg_catalog.pg_collation WHERE collname IN ('pg_c_utf8', 'C') ORDER BY 1 DESC LIMIT 1"
    )
    row = known.fetchone()
    copied = [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": row[0] if row else "C"}}]
    source = {
        "DefElem": {"defname": "from", "arg": {"List": {"items": copied}}, "defaction": "DEFELEM_UNSPEC"}
    }
    from lockgate.sql.parse import deparse

    return deparse({"DefineStmt": {**define, "definition": [source]}})


def _membership(connection: psycopg.Connection[Any], sql: str, grant: Mapping[str, Any]) -> str:
    granted = [role["AccessPriv"]["priv_name"] for role in grant["granted_roles"]]
    return (_membership_refused(granted) if grant.get("is_grant") else None) or sql


def _new_role(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    """CREATE ROLE: reserved memberships are refused, attributes that the platform lends are lent."""
    joined = [
        item["RoleSpec"].get("rolename")
        for option in node.get("options", [])
        if option["DefElem"]["defname"] == "addroleto"
        for item in option["DefElem"]["arg"]["List"]["items"]
    ]
    return _membership_refused(joined) or _attributes(connection, sql, node)


def _role(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    """ALTER ROLE: reserved roles are refused, attributes that the platform lends are lent."""
    return _change_refused(node["role"].get("rolename")) or _attributes(connection, sql, node)


def _attributes(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    asked = {option["DefElem"]["defname"] for option in node.get("options", [])}
    lent = asked & {"bypassrls", "isreplication"} and "superuser" not in asked
    if lent and connection.info.server_version < _ATTRIBUTES_ARE_PASSED_ON:
        return _lend(connection, sql, node)
    return sql


def _renamed_role(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    names = (node.get("subname"), node.get("newname")) if node["renameType"] == "OBJECT_ROLE" else ()
    return _change_refused(*names) or sql


def _dropped_roles(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    return _change_refused(*(role["RoleSpec"].get("rolename") for role in node["roles"])) or sql


def _setting(connection: psycopg.Connection[Any], sql: str, node: Mapping[str, Any]) -> str:
    """ALTER ROLE … SET: reserved roles are refused; what the REST API may be told one day is permitted too."""
    refused = _change_refused(node.get("role", {}).get("rolename"), reserved=_RESERVED)
    if refused is not None:
        return refused
    if str(node["setstmt"].get("name", "")).startswith("pgrst."):
        return _lend(connection, sql, node)
    return sql


def _membership_refused(names: Iterable[str | None]) -> str | None:
    name = next((name for name in names if name in _RESERVED_MEMBERSHIPS), None)
    return name and _refusal(f'"{name}" role memberships are reserved, only superusers can grant them')


def _change_refused(*names: str | None, reserved: frozenset[str] = _RESERVED | _API_ROLES) -> str | None:
    name = next((name for name in names if name in reserved), None)
    return name and _refusal(f'"{name}" is a reserved role, only superusers can modify it')


def _refusal(message: str) -> str:
    body = f"BEGIN RAISE insufficient_privilege USING MESSAGE = {literal(message)}; END"
    return f"DO {literal(body)}"


ADAPTATIONS = (
    # Only compiled code can declare options of an access method.
    Adaptation(
        re.compile(rf"\bUSING\s+\"?({'|'.join(_METHODS)})\b.*\bWITH\s*\(", re.IGNORECASE | re.DOTALL),
        "IndexStmt",
        _SUBSTITUTED_METHODS,
        _without_options,
    ),
    Adaptation(_OPTIONS, "DoStmt", _SUBSTITUTED_METHODS, _without_options_inside),
    # Nothing on the server notices these in time to lend, or to refuse, what hosted projects do.
    Adaptation(
        re.compile(r"\bCREATE\s+EVENT\s+TRIGGER\b", re.IGNORECASE),
        "CreateEventTrigStmt",
        b"SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'platform_event_window'",
        _lend,
    ),
    Adaptation(
        re.compile(
            r"\bGRANT\b.*\b(supabase_\w+|dashboard_user|pgbouncer|authenticator|pg_\w+_server_\w+)\b.*\bTO\b",
            re.IGNORECASE,
        ),
        "GrantRoleStmt",
        _PROJECT,
        _membership,
    ),
    Adaptation(re.compile(r"\bCREATE\s+(ROLE|USER|GROUP)\b", re.IGNORECASE), "CreateRoleStmt", _PROJECT, _new_role),
    Adaptation(re.compile(r"\bALTER\s+(ROLE|USER|GROUP)\b", re.IGNORECASE), "AlterRoleStmt", _PROJECT, _role),
    Adaptation(
        re.compile(r"\bALTER\s+(ROLE|USER|GROUP)\b.*\bRENAME\b", re.IGNORECASE), "RenameStmt", _PROJECT, _renamed_role
    ),
    Adaptation(re.compile(r"\bDROP\s+(ROLE|USER|GROUP)\b", re.IGNORECASE), "DropRoleStmt", _PROJECT, _dropped_roles),
    Adaptation(
        re.compile(r"\bALTER\s+(ROLE|USER)\b.*\b(SET|RESET)\b", re.IGNORECASE), "AlterRoleSetStmt", _PROJECT, _setting
    ),
    # Some builds of the server know no collations but their own.
    Adaptation(
        re.compile(r"\bCREATE\s+COLLATION\b.*\bicu\b", re.IGNORECASE | re.DOTALL),
        "DefineStmt",
        b"SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'platform_event_window' AND NOT EXISTS ("
        b"SELECT FROM pg_catalog.pg_collation WHERE collprovider = 'i' AND collname LIKE '%-x-icu')",
        _by_code_point,
    ),
)  # fmt: skip


class LocalCursor(psycopg.Cursor[Any]):
    """Helps some sorts of statements through where our local platform stands in for a hosted one.

    On every other server a statement goes through as it is: what the server is, is asked of it when such a statement
    comes along.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Like psycopg's."""
        text = query.decode("utf-8") if isinstance(query, bytes) else query
        if isinstance(text, str):
            for adaptation in ADAPTATIONS:
                if adaptation.pattern.search(text):
                    query = self._adapted(adaptation, text, query)
        return super().execute(query, params, **options)

    def _adapted(self, adaptation: Adaptation, text: str, query: Any) -> Any:
        # The parser is not imported for a look at a target.
        from lockgate.sql.parse import parse_one

        try:
            statement = parse_one(text)
        except SqlSyntaxError:
            return query
        if statement.kind != adaptation.kind or not self._holds(adaptation.question):
            return query
        given = statement.node[adaptation.kind]
        return adaptation.adapt(self.connection, text, given).encode("utf-8")

    def _holds(self, question: bytes) -> bool:
        # An ordinary cursor: it may be asked in the middle of a pipeline too.
        return psycopg.Cursor(self.connection).execute(question).fetchone() is not None

    @staticmethod
    def may_help(text: str) -> bool:
        """Whether a statement looks like one of those that need help."""
        return any(adaptation.pattern.search(text) for adaptation in ADAPTATIONS)


def wants_help(connection: psycopg.Connection[Any], sql: str) -> bool:
    """Whether a statement has to go through the cursor of a connection to a local server."""
    return connection.cursor_factory is LocalCursor and LocalCursor.may_help(sql)


def without_options(sql: str) -> str:
    """A CREATE INDEX by one of the substituted methods without its options; anything else as it is."""
    from lockgate.sql.parse import deparse, parse_one

    try:
        node = parse_one(sql).node
    except SqlSyntaxError:
        return sql
    index = node.get("IndexStmt", {})
    if index.get("accessMethod") not in _METHODS or "options" not in index:
        return sql
    return deparse({"IndexStmt": {key: value for key, value in index.items() if key != "options"}})
