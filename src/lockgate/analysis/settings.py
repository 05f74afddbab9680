"""Run-time parameters as a session's statements set them: SET, SET LOCAL, RESET and set_config."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lockgate.analysis.state import names
from lockgate.sql.parse import Node, walk
from lockgate.values import value

_UNITS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "": 1}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d|)\s*")


@value(frozen=True, slots=True)
class Setting:
    """A value, the statement that set it (counted from 0), and whether it ends with the transaction."""

    value: str
    statement: int
    local: bool = False


@value(frozen=True, slots=True)
class Change:
    """One change that a statement makes; a ``value`` of None resets, a name of ``all`` means every parameter."""

    name: str
    value: str | None
    local: bool = False


Values = dict[str, Setting]

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class Settings:
    """What is set in a session; SET follows a rollback, SET LOCAL ends with its transaction.

    ``beginning`` is what every session has before its first statement, as far as it is known.
    """

    def __init__(self, beginning: Mapping[str, str] = NO_SETTINGS) -> None:
        self._beginning = beginning
        self._session: Values = {}
        self._local: Values = {}

    def get(self, name: str) -> str | None:
        """The value in force, or None when no statement set it and nobody knows what it is otherwise."""
        found = self.found(name)
        return found.value if found else self._beginning.get(name)

    def found(self, name: str) -> Setting | None:
        """The value in force with where it was set."""
        return self._local.get(name) or self._session.get(name)

    def clear(self) -> None:
        """A new session."""
        self._session, self._local = {}, {}

    def save(self) -> tuple[Values, Values]:
        """The present values, to go back to."""
        return dict(self._session), dict(self._local)

    def restore(self, saved: tuple[Values, Values]) -> None:
        """Go back to saved values."""
        self._session, self._local = dict(saved[0]), dict(saved[1])

    def end_transaction(self) -> None:
        """What SET LOCAL set is gone."""
        self._local = {}

    def apply(self, change: Change, statement: int, in_block: bool) -> None:
        """Carry out one change; SET LOCAL outside a transaction block does nothing, as on the server."""
        if change.name == "all":
            self.clear()
        elif change.local:
            if in_block and change.value is not None:
                self._local[change.name] = Setting(change.value, statement, local=True)
        elif change.value is None:
            self._session.pop(change.name, None)
            self._local.pop(change.name, None)
        else:
            self._session[change.name] = Setting(change.value, statement)
            self._local.pop(change.name, None)


def milliseconds(value: str) -> float | None:
    """A time-out in milliseconds, 0 for none; None when the text is no duration."""
    match = _DURATION.fullmatch(value.strip().strip("'"))
    return float(match[1]) * _UNITS[match[2]] if match else None


def changes(kind: str, tree: Node) -> Iterator[Change]:
    """The changes of parameters that a statement makes."""
    if kind == "VariableSetStmt":
        yield from _set(tree)
    elif kind == "SelectStmt":
        yield from _set_config(tree)
    elif kind == "DiscardStmt" and tree.get("target") in (None, "DISCARD_ALL"):
        yield Change("all", None)


def _set(tree: Node) -> Iterator[Change]:
    name, local = tree.get("name", "").lower(), bool(tree.get("is_local"))
    match tree.get("kind"):
        case "VAR_SET_VALUE":
            yield Change(name, ", ".join(_constant(item) or "" for item in tree.get("args", ())), local)
        case "VAR_RESET_ALL":
            yield Change("all", None)
        case "VAR_RESET" | "VAR_SET_DEFAULT":
            yield Change(name, None, local)


def _set_config(tree: Node) -> Iterator[Change]:
    if "set_config" not in repr(tree.get("targetList", ())):
        return
    for kind, call in walk(tree.get("targetList", [])):
        if kind != "FuncCall" or names.dotted(call["funcname"])[1] != "set_config":
            continue
        values = [_constant(argument) for argument in call.get("args", ())]
        if len(values) == 3 and values[0] is not None and values[1] is not None:
            yield Change(values[0].lower(), values[1], local=values[2] in ("true", "t", "on", "1"))


def _constant(node: Node) -> str | None:
    """The text of a constant argument; a cast around it does not matter."""
    if "TypeCast" in node:
        return _constant(node["TypeCast"]["arg"])
    const = node.get("A_Const")
    if const is None:
        return None
    if "boolval" in const:
        return "true" if const["boolval"].get("boolval") else "false"
    for field, key in (("sval", "sval"), ("ival", "ival"), ("fval", "fval")):
        if field in const:
            return str(const[field].get(key, "" if field == "sval" else 0))
    return None
