"""Functions, procedures, aggregates, triggers and rules, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.storage import option_text
from lockgate.analysis.view import Function, Trigger, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, deparse, deparse_expression
from lockgate.values import replace

_OUTPUT_MODES = frozenset({"FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"})
_EVENTS = ((1 << 2, "insert"), (1 << 3, "delete"), (1 << 4, "update"), (1 << 5, "truncate"))
_TIMINGS = {1 << 1: "before", 1 << 6: "instead of"}


def read_function(catalog: Catalog, tree: Node) -> Function:
    """The function that a ``CREATE FUNCTION`` or ``CREATE PROCEDURE`` makes."""
    parameters = [item["FunctionParameter"] for item in tree.get("parameters", ())]
    returns = tree.get("returnType")
    procedure = bool(tree.get("is_procedure"))
    function = Function(
        catalog.new_name(*names.dotted(tree["funcname"])),
        argument_types=tuple(
            catalog.resolve_type(p["argType"]) for p in parameters if p.get("mode") not in _OUTPUT_MODES
        ),
        returns=catalog.resolve_type(returns) if returns else None,
        kind="procedure" if procedure else "function",
        returns_set=bool(returns and returns.get("setof")) or _returns_table(parameters),
        is_new=True,
    )
    if "sql_body" in tree:
        body = ";\n".join(map(deparse, standard_statements(tree["sql_body"])))
        function = replace(function, body=body, bound=True)
    return with_options(function, tree.get("options", []))


def standard_statements(body: Node) -> Iterator[Node]:
    """The statements of a body in the SQL standard's form, RETURN as the SELECT that it stands for."""
    if "ReturnStmt" in body:
        yield {"SelectStmt": {"targetList": [{"ResTarget": {"val": body["ReturnStmt"]["returnval"]}}]}}
        return
    for item in body.get("List", {}).get("items", ()):
        for statement in item["List"]["items"] if "List" in item else ():
            yield from standard_statements(statement) if "ReturnStmt" in statement else (statement,)


def _returns_table(parameters: list[Node]) -> bool:
    return any(parameter.get("mode") == "FUNC_PARAM_TABLE" for parameter in parameters)


def with_options(function: Function, items: list[Node]) -> Function:
    """A function after the options of CREATE or ALTER FUNCTION."""
    changes: dict[str, Any] = {}
    settings = dict(function.settings)
    for item in items:
        element = item["DefElem"]
        value = element.get("arg", {})
        match element["defname"]:
            case "volatility":
                changes["volatility"] = option_text(value)
            case "language":
                changes["language"] = option_text(value).lower()
            case "as":
                changes["body"] = names.text(value["List"]["items"][-1])
            case "strict":
                changes["strict"] = option_text(value) == "true"
            case "security":
                changes["security_definer"] = option_text(value) == "true"
            case "set":
                _change_setting(settings, value.get("VariableSetStmt", {}))
    return replace(function, **changes, settings=tuple(settings.items()))


def _change_setting(settings: dict[str, str], node: Node) -> None:
    name = node.get("name", "")
    if node.get("kind") == "VAR_RESET_ALL":
        settings.clear()
    elif node.get("kind") == "VAR_SET_VALUE":
        settings[name] = ", ".join(_argument(item) for item in node.get("args", ()))
    elif node.get("kind") == "VAR_SET_CURRENT":
        settings[name] = "from current"
    else:
        settings.pop(name, None)


def _argument(node: Node) -> str:
    const = node.get("A_Const", {})
    if "sval" in const:
        text: str = const["sval"].get("sval", "")
        return text
    return deparse_expression(node)


def create_function(catalog: Catalog, tree: Node) -> None:
    """CREATE [OR REPLACE] FUNCTION; one with the same arguments is replaced and keeps its grants."""
    function = read_function(catalog, tree)
    present = catalog.functions(function.name.schema, function.name.name)
    others = tuple(f for f in present if f.argument_types != function.argument_types)
    if not present:
        initial = catalog.privileges.initial(function.name.schema, "function")
        catalog.privileges.functions.put(function.name, initial)
    replaced = len(others) != len(present)
    catalog.put_functions(function.name, (*others, replace(function, is_new=not replaced)))
    catalog.remember("routine", function.name, function.argument_types)


def create_aggregate(catalog: Catalog, tree: Node) -> None:
    """CREATE AGGREGATE, which is immutable whatever its functions are (``AggregateCreate``)."""
    name = catalog.new_name(*names.dotted(tree["defnames"]))
    types = _aggregate_types(catalog, tree)
    present = catalog.functions(name.schema, name.name)
    others = tuple(f for f in present if f.argument_types != types)
    aggregate = Function(name, argument_types=types, kind="aggregate", volatility="immutable", is_new=True)
    catalog.put_functions(name, (*others, aggregate))


def _aggregate_types(catalog: Catalog, tree: Node) -> tuple[TypeRef, ...]:
    """The arguments; the older form of the statement has them as ``basetype``, which is ANY for none."""
    if tree.get("oldstyle"):
        options = (item["DefElem"] for item in tree.get("definition", ()))
        bases = [
            e["arg"]["TypeName"]
            for e in options
            if e["defname"].lower() == "basetype" and "TypeName" in e["arg"]
        ]
        found = tuple(catalog.resolve_type(base) for base in bases)
        return tuple(ref for ref in found if ref.name.name.lower() != "any")
    lists = [item["List"]["items"] for item in tree.get("args", ()) if "List" in item]
    parameters = [item["FunctionParameter"] for items in lists for item in items]
    return tuple(catalog.resolve_type(p["argType"]) for p in parameters)


def alter_function(catalog: Catalog, tree: Node) -> None:
    """ALTER FUNCTION … with new options."""
    signature = tree["func"]
    name, group = find_functions(catalog, signature)
    wanted = signature_types(catalog, signature)
    changed = tuple(
        with_options(f, tree.get("actions", [])) if wanted in (None, f.argument_types) else f for f in group
    )
    catalog.put_functions(name, changed)
    for before, after in zip(group, changed, strict=True):
        if after != before:
            catalog.remember("routine", name, after.argument_types)


def find_functions(catalog: Catalog, signature: Node) -> tuple[QualifiedName, tuple[Function, ...]]:
    """The functions that an ``ObjectWithArgs`` names."""
    schema, name = names.dotted(signature["objname"])
    group = catalog.functions(schema, name)
    return (group[0].name if group else catalog.new_name(schema, name)), group


def signature_types(catalog: Catalog, signature: Node) -> tuple[TypeRef, ...] | None:
    """The argument types of an ``ObjectWithArgs``, or None when it names the function alone."""
    if signature.get("args_unspecified"):
        return None
    return tuple(catalog.resolve_type(item["TypeName"]) for item in signature.get("objargs", ()))


def create_trigger(catalog: Catalog, tree: Node) -> None:
    """CREATE TRIGGER; a row trigger of a partitioned table is cloned to its partitions."""
    table = catalog.relation_name(*names.range_var(tree["relation"]))
    trigger = read_trigger(catalog, tree)
    _put_trigger(catalog, table, trigger)
    if catalog.known(table).partition_key and trigger.for_each_row:
        for child in catalog.descendants(table):
            _put_trigger(catalog, child, replace(trigger, inherited=True))


def read_trigger(catalog: Catalog, tree: Node) -> Trigger:
    """The trigger that a ``CREATE TRIGGER`` makes."""
    schema, name = names.dotted(tree["funcname"])
    group = catalog.functions(schema, name)
    events = tree.get("events", 0)
    return Trigger(
        tree.get("trigname", ""),
        group[0].name if group else catalog.new_name(schema, name),
        events=frozenset(word for bit, word in _EVENTS if events & bit),
        timing=_TIMINGS.get(tree.get("timing", 0), "after"),
        for_each_row=bool(tree.get("row")),
    )


def _put_trigger(catalog: Catalog, table: QualifiedName, trigger: Trigger) -> None:
    kept = tuple(t for t in catalog.known(table).triggers if t.name != trigger.name)
    catalog.change(table, triggers=(*kept, trigger))
    catalog.remember("trigger", table, trigger.name)


def create_rule(catalog: Catalog, tree: Node) -> None:
    """CREATE RULE."""
    table = catalog.relation_name(*names.range_var(tree["relation"]))
    present = catalog.known(table).rules
    name = tree.get("rulename", "")
    if name not in present:
        catalog.change(table, rules=(*present, name))
