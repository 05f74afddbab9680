"""Who a session of a log is when it sends a statement: poolers and PostgREST log in as one role and become another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.errors import LockgateError
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, parse_one, walk

_MAY_SET: Final = re.compile(r"\b(?:role|search_path|authorization|reset|discard)\b", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"\s*(?:commit|end|abort|rollback)\b(?!\s+(?:work\s+|transaction\s+)?to\b)", re.IGNORECASE
)
_GIVEN: Final = re.compile(r"\$(\d+) = '((?:[^']|'')*)'")
_NAMES: Final = {"role": "role", "session_authorization": "role", "search_path": "search_path"}


@dataclass(slots=True)
class Session:
    """The role and the search path that one session has set, None where it has not."""

    _lasting: dict[str, str | None] = field(default_factory=dict)
    _local: dict[str, str | None] = field(default_factory=dict)

    @property
    def role(self) -> str | None:
        """The role, unless it is the one that logged in."""
        return self._now("role")

    @property
    def search_path(self) -> str | None:
        """The search path as SET takes it."""
        return self._now("search_path")

    def _now(self, name: str) -> str | None:
        return self._local[name] if name in self._local else self._lasting.get(name)

    def follow(self, sql: str, parameters: str = "") -> None:
        """One more statement, with the line of its parameters as the log has it."""
        if _ENDS.match(sql):
            self._local.clear()
        elif _MAY_SET.search(sql):
            try:
                statement = parse_one(sql)
            except LockgateError:
                return
            if statement.kind == "VariableSetStmt":
                self._set(statement.tree)
            elif statement.kind == "DiscardStmt":
                self._lasting.clear()
            else:
                self._call(
                    statement.tree, {int(number): value for number, value in _GIVEN.findall(parameters)}
                )

    def _set(self, tree: Node) -> None:
        if tree["kind"] == "VAR_RESET_ALL":
            self._lasting.clear()
        name = _NAMES.get(tree.get("name", ""))
        if name is not None:
            words = [_text(argument, {}) for argument in tree.get("args", ())]
            spelled = [quote(word) if name == "search_path" else word for word in words if word is not None]
            self._keep(name, ", ".join(spelled) or None, local=bool(tree.get("is_local")))

    def _call(self, tree: Node, given: dict[int, str]) -> None:
        """Every ``set_config`` of a statement, with the values that its parameters had."""
        for kind, node in walk(tree):
            if kind == "FuncCall" and node["funcname"][-1]["String"]["sval"] == "set_config":
                setting, value, local = node["args"]
                name = _NAMES.get(_text(setting, given) or "")
                if name is not None:
                    constant = local.get("A_Const", {})
                    self._keep(
                        name, _text(value, given), local=bool(constant.get("boolval", {}).get("boolval"))
                    )

    def _keep(self, name: str, value: str | None, *, local: bool) -> None:
        given = None if name == "role" and value in ("none", "") else value
        (self._local if local else self._lasting)[name] = given
        if not local:
            self._local.pop(name, None)


def _text(node: Any, given: dict[int, str]) -> str | None:
    """A constant, or what a parameter stood for."""
    if "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    if "ParamRef" in node:
        value = given.get(node["ParamRef"].get("number", 0))
        return value.replace("''", "'") if value is not None else None
    found = node.get("A_Const", {}).get("sval", {}).get("sval")
    return str(found) if found is not None else None
