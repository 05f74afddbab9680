"""A function in use changes its volatility.

## Hazard

Indexes, generated columns, constraints and cached plans were made by what the function promised. Less stable than
before, and indexes over it can hold wrong entries; more stable than it is, and queries see old results. `CREATE OR
REPLACE` without the word makes it `VOLATILE` again.

## When it bites

When `CREATE OR REPLACE` or `ALTER FUNCTION` gives a function of the history another volatility. A function of this
migration is not reported.

## Unsafe

```sql
CREATE OR REPLACE FUNCTION full_name(a text) RETURNS text LANGUAGE sql AS $$ SELECT upper(a) $$;
```

## Safe

```sql
CREATE OR REPLACE FUNCTION full_name(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(a) $$;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/xfunc-volatility.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.state.routines import find_functions, read_function, signature_types, with_options
from lockgate.analysis.view import Function
from lockgate.sql.parse import Node, walk
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A function of the history that comes out with another volatility."""
    for before, after in _changed(tree, context):
        if before.is_new or before.volatility == after.volatility:
            continue
        said = "" if _says_so(tree) else " because the statement does not say it"
        index = _index_over(context, before)
        yield Hazard(
            f"{after.name} was {before.volatility.upper()} and becomes {after.volatility.upper()}{said}.",
            f"The index {index} was built by the old promise; rebuild it."
            if index
            else "Plans, indexes and constraints that rely on the old promise give other results.",
        )


def _changed(tree: Node, context: Context) -> Iterator[tuple[Function, Function]]:
    if "func" in tree:
        _, group = find_functions(context.state, tree["func"])
        wanted = signature_types(context.state, tree["func"])
        for function in group:
            if wanted in (None, function.argument_types):
                yield function, with_options(function, tree.get("actions", []))
        return
    after = read_function(context.state, tree)
    for function in context.state.functions(after.name.schema, after.name.name):
        if function.argument_types == after.argument_types:
            yield function, after


def _says_so(tree: Node) -> bool:
    items = tree.get("options", []) + tree.get("actions", [])
    return any(item["DefElem"]["defname"] == "volatility" for item in items)


def _index_over(context: Context, function: Function) -> str:
    for relation in context.state.relations():
        for index in relation.indexes:
            trees = [key.expression for key in index.keys] + [index.predicate]
            if any(_calls(context, tree, function) for tree in trees if tree):
                return str(index.name)
    return ""


def _calls(context: Context, tree: Node, function: Function) -> bool:
    called = (names.dotted(node["funcname"]) for kind, node in walk(tree) if kind == "FuncCall")
    return any(function in context.state.functions(*name) for name in called)


RULE = Rule(
    id="function-volatility-change",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=(
        "CreateFunctionStmt",
        "AlterFunctionStmt",
    ),
    check=check,
    doc=__doc__,
)
