"""What the text of a policy says: which identities it compares with which columns, and what it trusts besides.

This explains what the probes see, and tells them whom to act as. It never decides by itself that something is a hole.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.errors import SqlSyntaxError
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import (
    Node,
    deparse_expression,
    parse,
    parse_expression,
    parse_plpgsql,
    walk,
    without_locations,
)
from lockgate.verify.rls.model import EMAIL, UID, Function, Identity

ROLE: Final = Identity("role")
USER: Final = Identity("user")

_AUTH: Final = {"uid": UID, "email": EMAIL, "role": ROLE}
_CLAIMS: Final = ("request.jwt.claims", "request.jwt.claim")
_EQUAL: Final = frozenset({"=", "<@", "@>", "?", "?|", "?&", "&&", "~~", "~~*"})
_DEPTH: Final = 3
_SCHEMAS: Final = ("public", "auth", "private", "storage", "extensions")


@dataclass(frozen=True, slots=True)
class Use:
    """An identity compared with something of a table; ``table`` is None for the policy's own."""

    identity: Identity
    table: QualifiedName | None
    expression: str
    column: str | None = None
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A claim compared with constants."""

    identity: Identity
    values: tuple[str, ...]
    operator: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A column of a sub-selected table compared with constants: an attribute somebody must have."""

    table: QualifiedName
    column: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Facts:
    """Everything that was found in an expression and in the functions that it calls.

    ``literals`` are all columns compared with constants, ``constants`` only those of other tables.
    """

    uses: list[Use] = field(default_factory=list)
    claims: list[ClaimTest] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    literals: list[Constant] = field(default_factory=list)
    joins: list[tuple[str, QualifiedName, str]] = field(default_factory=list)
    identities: set[Identity] = field(default_factory=set)
    calls: set[QualifiedName] = field(default_factory=set)
    tables: set[QualifiedName] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    null_columns: set[str] = field(default_factory=set)
    is_true: bool = False
    null_safe: bool = False
    unwrapped: bool = False
    inverted: bool = False

    @property
    def names_somebody(self) -> bool:
        """Whether it depends on who asks, beyond being logged in."""
        return bool(self.identities - {ROLE})

    @property
    def trusts_user_metadata(self) -> bool:
        """Whether it reads what every user may write into the own token."""
        return any("user_metadata" in identity.path for identity in self.identities) or any(
            use.column == "raw_user_meta_data" for use in self.uses
        )


@dataclass(slots=True)
class Reader:
    """Reads expressions of one schema; ``columns`` tells the columns of a table, ``functions`` the bodies to follow."""

    columns: Mapping[QualifiedName, frozenset[str]]
    functions: Mapping[QualifiedName, Function] = field(default_factory=dict)

    def read(self, text: str, own: QualifiedName | None = None) -> Facts:
        """The facts of one expression of a policy on ``own``; of no facts when it cannot be parsed."""
        facts = Facts()
        try:
            node = parse_expression(text)
        except SqlSyntaxError:
            return facts
        facts.is_true = _is_true(node)
        scope: _Scope = {own.name: own} if own is not None else {}
        _Visitor(self, facts, own).visit(node, (scope,), wrapped=False)
        return facts

    def read_all(self, texts: Iterable[str], own: QualifiedName | None = None) -> Facts:
        """The facts of several expressions together."""
        whole = Facts()
        for text in texts:
            _merge(whole, self.read(text, own))
        return whole

    def follow(self, facts: Facts, name: QualifiedName, own: QualifiedName | None, depth: int) -> None:
        """Add what the body of a called function says."""
        function = self.functions.get(name)
        if function is None or depth >= _DEPTH:
            return
        for node in _bodies(function.language, function.body):
            schemas = (*function.schemas, name.schema, *_SCHEMAS)
            _Visitor(self, facts, own, depth + 1, True, schemas).visit(node, (), wrapped=True)


_Scope = dict[str, QualifiedName]


@dataclass(slots=True)
class _Visitor:
    reader: Reader
    facts: Facts
    own: QualifiedName | None
    depth: int = 0
    inside: bool = False
    schemas: tuple[str, ...] = _SCHEMAS

    def visit(self, node: Any, scopes: tuple[_Scope, ...], *, wrapped: bool) -> None:
        if isinstance(node, list):
            for item in node:
                self.visit(item, scopes, wrapped=wrapped)
            return
        if not isinstance(node, dict):
            return
        for kind, inner in node.items():
            if isinstance(inner, dict) and kind[:1].isupper():
                self._typed(kind, inner, scopes, wrapped)
            elif isinstance(inner, dict | list):
                self.visit(inner, scopes, wrapped=wrapped)

    def _typed(self, kind: str, inner: Node, scopes: tuple[_Scope, ...], wrapped: bool) -> None:
        identity = identity_of({kind: inner})
        if identity is not None:
            self.facts.identities.add(identity)
            self.facts.unwrapped |= not wrapped and _calls_in_the_open({kind: inner})
            self.facts.null_safe |= kind == "CoalesceExpr" and any(
                reference for reference, _ in walk(inner) if reference == "ColumnRef"
            )
            return
        if kind == "SelectStmt":
            scopes, wrapped = (_scope_of(inner, self), *scopes), True
        elif kind == "A_Expr":
            self._compare(inner, scopes)
        elif kind == "NullTest":
            self._null_test(inner, scopes)
        elif kind == "BoolExpr" and inner.get("boolop") == "NOT_EXPR":
            self.facts.inverted |= any(True for _ in _identities(inner))
        elif kind == "ColumnRef":
            self._column(inner, scopes)
        elif kind == "FuncCall":
            self._call(inner, wrapped)
        elif kind == "SubLink":
            self._selected_key(inner, scopes)
        self.visit(inner, scopes, wrapped=wrapped)

    def _call(self, inner: Node, wrapped: bool) -> None:
        name = _name(inner.get("funcname", []))
        known = self._resolve_function(name)
        if known is not None:
            self.facts.calls.add(known)
            self.reader.follow(self.facts, known, self.own, self.depth)

    def _resolve_function(self, name: QualifiedName) -> QualifiedName | None:
        schemas = (name.schema,) if name.schema else self.schemas
        options = (QualifiedName(schema, name.name) for schema in schemas)
        return next((option for option in options if option in self.reader.functions), None)

    def _column(self, inner: Node, scopes: tuple[_Scope, ...]) -> None:
        table, column = self.resolve(inner, scopes)
        if column == "raw_user_meta_data":
            self.facts.identities.add(Identity("claim", ("user_metadata",)))
        if column and table == self.own and not self.inside:
            self.facts.columns.add(column)

    def _null_test(self, inner: Node, scopes: tuple[_Scope, ...]) -> None:
        reference = inner.get("arg", {}).get("ColumnRef")
        if reference and inner.get("nulltesttype") == "IS_NULL":
            table, column = self.resolve(reference, scopes)
            if column and table == self.own:
                self.facts.null_columns.add(column)

    def _compare(self, inner: Node, scopes: tuple[_Scope, ...]) -> None:
        operator = inner.get("name", [{}])[-1].get("String", {}).get("sval", "")
        kind = inner.get("kind", "")
        if kind in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
            self.facts.null_safe = True
        elif operator in ("<>", "!="):
            self.facts.inverted |= any(True for _ in _identities(inner))
            return
        elif operator not in _EQUAL:
            return
        left, right = inner.get("lexpr", {}), inner.get("rexpr", {})
        is_list = kind in ("AEXPR_OP_ANY", "AEXPR_OP_ALL") or operator in ("@>", "&&", "?")
        for one, other in ((left, right), (right, left)):
            self._compare_sides(one, other, scopes, is_list, operator)
            if operator == "=" and kind == "AEXPR_OP":
                self._join(_column_ref(one), _column_ref(other), scopes)

    def _compare_sides(
        self, one: Any, other: Any, scopes: tuple[_Scope, ...], is_list: bool, operator: str
    ) -> None:
        identity = identity_of(one)
        values = tuple(_constants(other))
        if identity is not None and values:
            self.facts.claims.append(ClaimTest(identity, values, operator))
        elif identity is not None:
            self._use(identity, other, scopes, is_list)
        elif values and (reference := _column_ref(one)) is not None:
            table, column = self.resolve(reference, scopes)
            if table is None or not column:
                return
            self.facts.literals.append(Constant(table, column, values))
            if table != self.own or self.inside:
                self.facts.constants.append(Constant(table, column, values))

    def _join(self, one: Node | None, other: Node | None, scopes: tuple[_Scope, ...]) -> None:
        """A column of the policy's table that equals one of another table: what a foreign key would say."""
        if one is None or other is None or self.inside:
            return
        here, there = self.resolve(one, scopes), self.resolve(other, scopes)
        if here[0] == self.own and there[0] not in (None, self.own) and here[1] and there[1]:
            assert there[0] is not None
            self.facts.joins.append((here[1], there[0], there[1]))

    def _selected_key(self, inner: Node, scopes: tuple[_Scope, ...]) -> None:
        """``column IN (SELECT key FROM other …)``."""
        select = inner.get("subselect", {}).get("SelectStmt", {})
        targets = select.get("targetList", [])
        if inner.get("subLinkType") == "ANY_SUBLINK" and len(targets) == 1:
            key = _column_ref(targets[0].get("ResTarget", {}).get("val"))
            self._join(_column_ref(inner.get("testexpr")), key, (_scope_of(select, self), *scopes))

    def _use(self, identity: Identity, other: Any, scopes: tuple[_Scope, ...], is_list: bool) -> None:
        if any(kind in ("SubLink", "SelectStmt") for kind, _ in walk(other)) or identity_of(other):
            return
        references = [inner for kind, inner in walk(other) if kind == "ColumnRef"]
        resolved = {self.resolve(reference, scopes)[0] for reference in references}
        if len(resolved) != 1:
            return
        (table,) = resolved
        reference = _column_ref(other)
        column = self.resolve(reference, scopes)[1] if reference is not None else None
        local = table == self.own and not self.inside
        if table is None:
            return
        self.facts.uses.append(
            Use(
                identity,
                None if local else table,
                _text(other, table),
                column,
                is_list and not _is_scalar(other),
            )
        )

    def resolve(self, reference: Node, scopes: tuple[_Scope, ...]) -> tuple[QualifiedName | None, str | None]:
        """The table and the column that a reference means."""
        names = [item["String"]["sval"] for item in reference.get("fields", []) if "String" in item]
        if not names:
            return None, None
        if len(names) >= 2:
            alias = names[-2]
            return next((scope[alias] for scope in scopes if alias in scope), None), names[-1]
        for scope in scopes:
            for table in scope.values():
                if names[0] in self.reader.columns.get(table, frozenset()):
                    return table, names[0]
        return None, names[0]

    def table_of(self, item: Node) -> QualifiedName | None:
        """The table of a FROM clause's entry, remembered as one that is read."""
        name = QualifiedName(item.get("schemaname", ""), item.get("relname", ""))
        schemas = (name.schema,) if name.schema else self.schemas
        for schema in schemas:
            option = QualifiedName(schema, name.name)
            if option in self.reader.columns:
                self.facts.tables.add(option)
                return option
        return None


def _scope_of(select: Node, visitor: _Visitor) -> _Scope:
    scope: _Scope = {}
    for item in select.get("fromClause", []):
        for kind, inner in walk(item):
            if kind == "RangeVar":
                table = visitor.table_of(inner)
                alias = inner.get("alias", {}).get("aliasname") or inner.get("relname", "")
                if table is not None:
                    scope[alias] = table
    return scope


def identity_of(node: Any) -> Identity | None:
    """The identity that an expression is, whatever casts and sub-selects are around it."""
    node = _peel(node)
    if not isinstance(node, dict):
        return None
    if "FuncCall" in node:
        return _called_identity(node["FuncCall"])
    if "SQLValueFunction" in node:
        is_user = node["SQLValueFunction"].get("op") in (
            "SVFOP_CURRENT_USER",
            "SVFOP_USER",
            "SVFOP_CURRENT_ROLE",
        )
        return USER if is_user else None
    if "A_Expr" in node:
        path = _claim_path(node)
        return _of_path(path) if path else None
    return None


def _called_identity(call: Node) -> Identity | None:
    name = _name(call.get("funcname", []))
    args = call.get("args", [])
    if name.schema == "auth" and name.name in _AUTH:
        return _AUTH[name.name]
    if name.name == "nullif" and args:
        return identity_of(args[0])
    if name.name == "current_setting" and args:
        setting = next(iter(_constants(args[0])), "")
        if setting.startswith("request.jwt.claim."):
            return _of_path((setting.removeprefix("request.jwt.claim."),))
        if setting and setting not in _CLAIMS:
            return Identity("setting", (setting,))
    return None


def _of_path(path: tuple[str, ...]) -> Identity:
    if path in (("sub",), ("email",), ("role",)):
        return {"sub": UID, "email": EMAIL, "role": ROLE}[path[0]]
    return Identity("claim", path)


def _claim_path(node: Any) -> tuple[str, ...] | None:
    """The path of ``auth.jwt() -> 'a' ->> 'b'``; empty for the token as a whole, None for anything else."""
    node = _peel(node)
    if not isinstance(node, dict):
        return None
    if "FuncCall" in node:
        return () if _is_token(node["FuncCall"]) else None
    expression = node.get("A_Expr", {})
    operator = expression.get("name", [{}])[-1].get("String", {}).get("sval")
    if operator not in ("->", "->>", "#>", "#>>"):
        return None
    root = _claim_path(expression.get("lexpr"))
    if root is None:
        return None
    steps = tuple(_constants(expression.get("rexpr")))
    if operator in ("#>", "#>>") and steps:
        steps = tuple(part.strip() for part in steps[0].strip("{}").split(","))
    return root + steps


def _is_token(call: Node) -> bool:
    name = _name(call.get("funcname", []))
    if name.schema == "auth" and name.name == "jwt":
        return True
    args = call.get("args", [])
    if name.name in ("nullif", "coalesce"):
        return any(_claim_path(arg) == () for arg in args)
    return name.name == "current_setting" and bool(args) and next(iter(_constants(args[0])), "") in _CLAIMS


def _peel(node: Any) -> Any:
    """The expression inside casts, and inside ``(SELECT expression)``."""
    while isinstance(node, dict):
        if "TypeCast" in node:
            node = node["TypeCast"].get("arg")
        elif "SubLink" in node and node["SubLink"].get("subLinkType") == "EXPR_SUBLINK":
            select = node["SubLink"].get("subselect", {}).get("SelectStmt", {})
            targets = select.get("targetList", [])
            if select.get("fromClause") or len(targets) != 1:
                return node
            node = targets[0].get("ResTarget", {}).get("val")
        elif "CoalesceExpr" in node and node["CoalesceExpr"].get("args"):
            node = node["CoalesceExpr"]["args"][0]
        else:
            return node
    return node


def _identities(node: Any) -> Iterator[Identity]:
    for kind, inner in walk(node):
        found = identity_of({kind: inner}) if kind in ("FuncCall", "A_Expr", "SQLValueFunction") else None
        if found is not None:
            yield found


def _constants(node: Any) -> Iterator[str]:
    node = _peel(node)
    if isinstance(node, list):
        for item in node:
            yield from _constants(item)
    elif isinstance(node, dict):
        if "A_Const" in node:
            yield from _constant(node["A_Const"])
        elif "A_ArrayExpr" in node:
            yield from _constants(node["A_ArrayExpr"].get("elements", []))
        elif "List" in node:
            yield from _constants(node["List"].get("items", []))


def _constant(inner: Node) -> Iterator[str]:
    if "sval" in inner:
        yield inner["sval"].get("sval", "")
    elif "ival" in inner:
        yield str(inner["ival"].get("ival", 0))
    elif "boolval" in inner:
        yield "true" if inner["boolval"].get("boolval") else "false"


def _column_ref(node: Any) -> Node | None:
    node = _peel(node)
    return node.get("ColumnRef") if isinstance(node, dict) else None


def _is_scalar(node: Any) -> bool:
    """Whether the list of ``= ANY`` stands on the other side."""
    node = _peel(node)
    return isinstance(node, dict) and "A_ArrayExpr" in node


def _is_true(node: Any) -> bool:
    node = _peel(node)
    return isinstance(node, dict) and bool(node.get("A_Const", {}).get("boolval", {}).get("boolval"))


def _calls_in_the_open(node: Any) -> bool:
    """Whether a function is called here that no sub-select keeps from being called for every row."""
    if isinstance(node, list):
        return any(_calls_in_the_open(item) for item in node)
    if not isinstance(node, dict) or "SubLink" in node:
        return False
    return "FuncCall" in node or any(_calls_in_the_open(value) for value in node.values())


def _name(parts: list[Any]) -> QualifiedName:
    names = [part.get("String", {}).get("sval", "") for part in parts]
    if not names:
        return QualifiedName("", "")
    return QualifiedName(names[-2] if len(names) > 1 else "", names[-1])


def _text(node: Any, table: QualifiedName) -> str:
    """The expression with every column qualified by the name of its table, which is its alias where it is used."""
    plain = node.get("ColumnRef") if isinstance(node, dict) else None
    if plain is not None:
        return f"{quote(table.name)}.{quote(plain['fields'][-1]['String']['sval'])}"
    copy = without_locations(node)
    for kind, inner in walk(copy):
        if kind == "ColumnRef":
            column = inner["fields"][-1]
            inner["fields"] = [{"String": {"sval": table.name}}, column]
    return deparse_expression(copy)


@functools.lru_cache(maxsize=4096)
def _bodies(language: str, body: str) -> tuple[Node, ...]:
    """The statements and expressions of a function's body."""
    try:
        if language == "sql":
            return tuple(_sql_body(body))
        if language == "plpgsql":
            return tuple(_plpgsql_body(body))
    except SqlSyntaxError:
        return ()
    return ()


def _sql_body(body: str) -> Iterator[Node]:
    text = body.strip()
    if text.upper().startswith("RETURN "):
        yield parse_expression(text[7:].rstrip(";"))
        return
    if text.upper().startswith("BEGIN ATOMIC"):
        text = text[len("BEGIN ATOMIC") :].rstrip().removesuffix("END")
    for statement in parse(text).statements:
        if statement.failure is None:
            yield statement.node


def _plpgsql_body(body: str) -> Iterator[Node]:
    try:
        tree = _plpgsql_tree(body, "text")
    except SqlSyntaxError:
        tree = _plpgsql_tree(body, "SETOF record")
    for kind, inner in walk(tree):
        if kind == "PLpgSQL_expr":
            yield from _plpgsql_expression(inner.get("query", ""))


def _plpgsql_tree(body: str, returned: str) -> list[Node]:
    mark = "$lockgate_body$"
    return parse_plpgsql(f"CREATE FUNCTION f() RETURNS {returned} LANGUAGE plpgsql AS {mark}{body}{mark}")


def _plpgsql_expression(query: str) -> Iterator[Node]:
    try:
        yield parse_expression(query)
    except SqlSyntaxError:
        for statement in parse(query).statements:
            if statement.failure is None:
                yield statement.node


def _merge(whole: Facts, part: Facts) -> None:
    for name in ("uses", "claims", "constants", "literals", "joins"):
        getattr(whole, name).extend(getattr(part, name))
    for name in ("identities", "calls", "tables", "columns", "null_columns"):
        getattr(whole, name).update(getattr(part, name))
    for name in ("is_true", "null_safe", "unwrapped", "inverted"):
        setattr(whole, name, getattr(whole, name) or getattr(part, name))
