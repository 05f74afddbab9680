"""Functions, procedures, triggers and DO blocks: what their bodies do when they run, as far as it can be read."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lockgate.analysis.blocks import parse_block
from lockgate.analysis.bodies import ENDS_TRANSACTION, body_of, statements_of
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Depth, Reader
from lockgate.analysis.state import names
from lockgate.analysis.state.routines import standard_statements
from lockgate.analysis.view import Function, Relation
from lockgate.errors import SqlSyntaxError
from lockgate.sql.identifiers import literal
from lockgate.sql.parse import Node, Statement, parse_expression, parse_one, walk
from lockgate.types import LockMode

_DEEPEST = 6
"""How many calls within calls are followed."""


def call(ledger: Ledger, node: Node) -> None:
    """A ``FuncCall`` in a statement that is executed: a user function is followed into its body."""
    schema, name = names.dotted(node["funcname"])
    arguments = len(node.get("args", ()))
    found = ledger.scene.state.functions(schema, name)
    for function in [f for f in found if len(f.argument_types) == arguments] or found:
        follow_function(ledger, function)


def follow_triggers(ledger: Ledger, relation: Relation, event: str) -> None:
    """Follow the functions of the triggers that a change fires.

    Tables whose triggers write to each other would be followed in circles: what was read from as few calls is not read
    again.
    """
    for trigger in relation.triggers:
        if trigger.enabled and (event in trigger.events or not trigger.events):
            if ledger.followed.get(trigger.function, _DEEPEST) <= ledger.depth:
                continue
            ledger.followed[trigger.function] = ledger.depth
            for function in ledger.scene.state.functions(trigger.function.schema, trigger.function.name):
                follow_function(ledger, function)


def follow_function(ledger: Ledger, function: Function) -> None:
    """Write down what the body of a function does."""
    if ledger.depth >= _DEEPEST or not function.body:
        return
    ledger.depth += 1
    try:
        if function.language == "sql":
            _follow_sql(ledger, function.body)
        elif function.language == "plpgsql":
            _follow_block(ledger, _wrapped(function))
    finally:
        ledger.depth -= 1


@functools.lru_cache(maxsize=256)
def _wrapped(function: Function) -> Statement | None:
    """A function as the statement that makes it, for the PL/pgSQL parser takes nothing less."""
    returns = names.type_sql(function.returns) if function.returns else "void"
    kind = "PROCEDURE" if function.kind == "procedure" else "FUNCTION"
    result = "" if function.kind == "procedure" else f"RETURNS {'SETOF ' * function.returns_set}{returns}"
    arguments = ", ".join(names.type_sql(argument) for argument in function.argument_types)
    sql = f"CREATE {kind} body({arguments}) {result} LANGUAGE plpgsql AS {literal(function.body)}"
    try:
        return parse_one(sql)
    except SqlSyntaxError:
        return None


def _follow_sql(ledger: Ledger, source: str) -> None:
    for statement in statements_of(source):
        if not statement.failure:
            ledger.follow(statement.kind, statement.tree)


def _follow_block(ledger: Ledger, statement: Statement | None) -> None:
    body = body_of(statement) if statement is not None else None
    if statement is None or body is None or body.failure:
        ledger.opaque = True
        return
    ledger.opaque = ledger.opaque or bool(body.opaque)
    for inner in body.statements:
        ledger.follow(inner.kind, inner.tree)
    tree = _plpgsql(statement)
    for expression in _expressions(tree):
        Reader(ledger, Depth.EXECUTED, call=call).expression(expression, frozenset())
    if any(kind in ENDS_TRANSACTION for kind, _ in walk(tree)):
        ledger.transactional = False
        ledger.because("The body ends its transaction, which a transaction block around it refuses.")


def _plpgsql(statement: Statement) -> list[Node]:
    try:
        return parse_block(statement.kind, statement.sql, statement.tree)
    except SqlSyntaxError:
        return []


def _expressions(tree: list[Node]) -> Iterator[Node]:
    """The expressions of a body that stand in no statement of their own: conditions, assignments, results."""
    for kind, inside in walk(tree):
        if kind == "PLpgSQL_expr" and "query" in inside:
            expression = _expression(inside["query"])
            if expression is not None:
                yield expression


@functools.lru_cache(maxsize=512)
def _expression(text: str) -> Node | None:
    try:
        return parse_expression(text)
    except SqlSyntaxError:
        return None


def do_block(ledger: Ledger, tree: Node) -> None:
    """DO: the statements of the block as if they stood alone."""
    if ledger.statement is not None and ledger.statement.tree is tree:
        _follow_block(ledger, ledger.statement)
    else:
        ledger.opaque = True


def call_procedure(ledger: Ledger, tree: Node) -> None:
    """CALL."""
    node = tree["funccall"]
    call(ledger, node)
    Reader(ledger, Depth.EXECUTED, call=call).expression(node.get("args", []), frozenset())


def create_function(ledger: Ledger, tree: Node) -> None:
    """CREATE FUNCTION: the body of an SQL function is analysed, and opens the relations that it names."""
    for statement in _sql_statements(tree):
        ((kind, inside),) = statement.items()
        Reader(ledger, Depth.ANALYSED, write=_open_target).statement(kind, inside)


def _open_target(reader: Reader, kind: str, tree: Node, scope: frozenset[str]) -> None:
    scope = reader.with_clause(tree, scope)
    reader.ledger.lock(reader.ledger.scene.range_var(tree["relation"]), LockMode.ROW_EXCLUSIVE)
    rest = {key: value for key, value in tree.items() if key not in ("withClause", "relation")}
    reader.expression(rest, scope)


def _sql_statements(tree: Node) -> Iterator[Node]:
    options = {item["DefElem"]["defname"]: item["DefElem"].get("arg", {}) for item in tree.get("options", ())}
    if "sql_body" in tree:
        yield from standard_statements(tree["sql_body"])
    elif "as" in options and names.text(options.get("language", {"String": {}})).lower() == "sql":
        for statement in statements_of(names.text(options["as"]["List"]["items"][-1])):
            if not statement.failure:
                yield statement.node


def execute(ledger: Ledger, tree: Node) -> None:
    """EXECUTE: what was prepared is not known here."""
    ledger.opaque = True
    ledger.because("What was prepared under that name is not known here.")


HANDLERS = {
    "DoStmt": do_block,
    "CallStmt": call_procedure,
    "CreateFunctionStmt": create_function,
    "ExecuteStmt": execute,
}
