"""What can be told of a function from its definition."""

from __future__ import annotations

from lockgate.analysis.state import names
from lockgate.analysis.view import Function
from lockgate.sql.parse import parse


def may_be_inlined(function: Function) -> bool:
    """Whether the planner may put the body in place of a call (``inline_function`` in the server's ``clauses.c``).

    A SET clause would forbid it, and so the use of indexes through the function.
    """
    if function.language != "sql" or function.kind != "function" or function.security_definer:
        return False
    statements = parse(function.body).statements if function.body else ()
    if len(statements) != 1 or statements[0].kind != "SelectStmt":
        return False
    if function.returns_set:
        return function.volatility != "volatile" and not function.strict
    return not {"fromClause", "whereClause", "groupClause", "sortClause", "withClause", "op"} & {
        key for key, value in statements[0].tree.items() if value != "SETOP_NONE"
    }


def signature(function: Function) -> str:
    """The function as ALTER and REVOKE name it, with the types of its arguments."""
    arguments = ", ".join(names.type_sql(ref) for ref in function.argument_types)
    return f"{function.name.sql}({arguments})"


def is_trigger(function: Function) -> bool:
    """Whether only a trigger can call it."""
    return function.returns is not None and function.returns.name.name in ("trigger", "event_trigger")
