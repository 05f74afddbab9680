"""What the text of a policy says: which identities it compares with which columns, and what it trusts besides.

This explains what the probes see, and tells them whom to act as. It never decides by itself that something is a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.errors import SqlSyntaxError
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.parse import Node, deparse_expression, parse_expression, walk, without_locations
from lockgate.verify.rls.bodies import bodies
from lockgate.verify.rls.comparisons import ARRAY, Side, identity_on, listed_identity, sides
from lockgate.verify.rls.identities import (
    ROLE,
    calls_in_the_open,
    column_reference,
    constants_in,
    identities_in,
    identity_of,
    is_list_of_values,
    is_true,
    name_of,
    peel,
)
from lockgate.verify.rls.model import Function, Identity

_DEPTH: Final = 3
_SCHEMAS: Final = ("public", "auth", "private", "storage", "extensions")


@dataclass(frozen=True, slots=True)
class Use:
    """An identity compared with something of a table; ``table`` is None for the policy's own."""

    identity: Identity
    table: QualifiedName | None
    expression: str
    column: str | None = None
    listed: str = ""


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A claim compared with constants; ``operator`` stands between the claim and them."""

    identity: Identity
    values: tuple[str, ...]
    operator: str
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A claim that something of a row must not exceed, or not fall below; ``operator`` stands between claim and row."""

    identity: Identity
    table: QualifiedName | None
    expression: str
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

    ``literals`` are all columns compared with constants, ``constants`` only those of other tables; ``lists`` are the
    identities that hold several values; ``profile`` is what accounts must say of themselves in raw_user_meta_data.
    """

    uses: list[Use] = field(default_factory=list)
    claims: list[ClaimTest] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    profile: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    lists: set[Identity] = field(default_factory=set)
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
        facts.is_true = is_true(node)
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
        for node in bodies(function.language, function.body):
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
    unfolded: dict[str, Identity] = field(default_factory=dict)

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
            self.facts.unwrapped |= not wrapped and calls_in_the_open({kind: inner})
            self.facts.null_safe |= kind == "CoalesceExpr" and any(
                reference for reference, _ in walk(inner) if reference == "ColumnRef"
            )
            return
        if kind == "SelectStmt":
            scopes, wrapped = (_scope_of(inner.get("fromClause", []), self), *scopes), True
            self.unfolded |= _unfolded(inner.get("fromClause", []))
        elif kind in ("UpdateStmt", "DeleteStmt"):
            sources = [
                {"RangeVar": inner.get("relation", {})},
                *inner.get("fromClause", []),
                *inner.get("usingClause", []),
            ]
            scopes = (_scope_of(sources, self), *scopes)
        elif kind == "A_Expr":
            self._compare(inner, scopes)
        elif kind == "NullTest":
            self._null_test(inner, scopes)
        elif kind == "BoolExpr" and inner.get("boolop") == "NOT_EXPR":
            self.facts.inverted |= any(True for _ in identities_in(inner))
        elif kind == "ColumnRef":
            self._column(inner, scopes)
        elif kind == "FuncCall":
            self._call(inner, wrapped)
        elif kind == "SubLink":
            self._selected_key(inner, scopes)
        self.visit(inner, scopes, wrapped=wrapped)

    def _call(self, inner: Node, wrapped: bool) -> None:
        name = name_of(inner.get("funcname", []))
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
        if inner.get("kind", "") in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
            self.facts.null_safe = True
        if inner.get("name", [{}])[-1].get("String", {}).get("sval", "") in ("<>", "!="):
            self.facts.inverted |= any(True for _ in identities_in(inner))
        for side in sides(inner):
            self._compare_side(side, scopes)
            if side.is_plain:
                self._join(column_reference(side.node), column_reference(side.other), scopes)

    def _compare_side(self, side: Side, scopes: tuple[_Scope, ...]) -> None:
        identity, side = self._identity_on(side)
        values = side.values()
        if identity is not None:
            if side.lists:
                self.facts.lists.add(identity)
            if values:
                self.facts.claims.append(
                    ClaimTest(identity, values, side.operator, side.lists or side.listed)
                )
            else:
                self._use(identity, side, scopes)
        elif values and (reference := column_reference(side.node)) is not None:
            table, column = self.resolve(reference, scopes)
            if table is None or not column or side.is_limit:
                return
            self.facts.literals.append(Constant(table, column, values))
            if table != self.own or self.inside:
                self.facts.constants.append(Constant(table, column, values))
        elif values and (path := _profile_path(side.node)):
            self.facts.profile.append((path, values[0]))

    def _identity_on(self, side: Side) -> tuple[Identity | None, Side]:
        reference = column_reference(side.node)
        names = [item["String"]["sval"] for item in (reference or {}).get("fields", []) if "String" in item]
        unfolded = next((self.unfolded[name] for name in names if name in self.unfolded), None)
        if unfolded is not None:
            self.facts.lists.add(unfolded)
            return unfolded, side
        return identity_on(side)

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
        if inner.get("subLinkType") != "ANY_SUBLINK" or len(targets) != 1:
            return
        tested, identity = inner.get("testexpr"), listed_identity({"SubLink": inner})
        if identity is not None and identity_of(tested) is None:
            self.facts.lists.add(identity)
            self._use(identity, Side(None, tested, "=", lists=ARRAY), scopes)
        key = column_reference(targets[0].get("ResTarget", {}).get("val"))
        self._join(column_reference(tested), key, (_scope_of(select.get("fromClause", []), self), *scopes))

    def _use(self, identity: Identity, side: Side, scopes: tuple[_Scope, ...]) -> None:
        other = side.other
        if any(kind in ("SubLink", "SelectStmt") for kind, _ in walk(other)) or identity_of(other):
            return
        references = [inner for kind, inner in walk(other) if kind == "ColumnRef"]
        resolved = {self.resolve(reference, scopes)[0] for reference in references}
        if len(resolved) != 1:
            return
        (table,) = resolved
        if table is None:
            return
        reference = column_reference(other)
        column = self.resolve(reference, scopes)[1] if reference is not None else None
        elsewhere = None if table == self.own and not self.inside else table
        text = _text(other, table)
        if side.is_limit:
            self.facts.limits.append(Limit(identity, elsewhere, text, side.operator))
            return
        listed = "" if is_list_of_values(other) else side.listed
        if side.path:
            text, column = f"({text}) #> {literal('{' + ','.join(side.path) + '}')}", None
        self.facts.uses.append(Use(identity, elsewhere, text, column, listed))

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


def _scope_of(sources: Iterable[Node], visitor: _Visitor) -> _Scope:
    scope: _Scope = {}
    for item in sources:
        for kind, inner in walk(item):
            if kind == "RangeVar":
                table = visitor.table_of(inner)
                alias = inner.get("alias", {}).get("aliasname") or inner.get("relname", "")
                if table is not None:
                    scope[alias] = table
    return scope


def _unfolded(sources: Iterable[Node]) -> dict[str, Identity]:
    """The names under which ``FROM jsonb_array_elements_text(claim) AS name`` gives the values of a claim."""
    found: dict[str, Identity] = {}
    for kind, inner in walk(list(sources)):
        identity = next(identities_in(inner), None) if kind == "RangeFunction" else None
        if identity is not None:
            alias = inner.get("alias", {})
            for name in (alias.get("aliasname"), *(_name(column) for column in alias.get("colnames", []))):
                found[str(name)] = identity
    return found


def _name(node: Node) -> str:
    return str(node.get("String", {}).get("sval", ""))


def _profile_path(node: Any) -> tuple[str, ...]:
    """The path of ``raw_user_meta_data ->> 'role'``: what the account says of itself."""
    expression = peel(node)
    steps: list[str] = []
    while isinstance(expression, dict) and "A_Expr" in expression:
        steps = [*constants_in(expression["A_Expr"].get("rexpr")), *steps]
        expression = peel(expression["A_Expr"].get("lexpr"))
    reference = column_reference(expression) or {}
    names = [_name(item) for item in reference.get("fields", [])]
    return tuple(steps) if names[-1:] == ["raw_user_meta_data"] else ()


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


def _merge(whole: Facts, part: Facts) -> None:
    for name in ("uses", "claims", "limits", "profile", "constants", "literals", "joins"):
        getattr(whole, name).extend(getattr(part, name))
    for name in ("lists", "identities", "calls", "tables", "columns", "null_columns"):
        getattr(whole, name).update(getattr(part, name))
    for name in ("is_true", "null_safe", "unwrapped", "inverted"):
        setattr(whole, name, getattr(whole, name) or getattr(part, name))
