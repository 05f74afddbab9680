"""Columns: what is known about NULLs."""

from __future__ import annotations

from lockgate.analysis.view import Constraint, Relation


def is_not_null(table: Relation, column: str) -> bool:
    """Whether a column is known to be NOT NULL."""
    found = table.column(column)
    return found is not None and found.not_null


def is_proved_not_null(table: Relation, column: str) -> bool:
    """Whether the server knows without looking that a column holds no NULL: NOT NULL, or a valid CHECK says so."""
    return is_not_null(table, column) or any(
        check.valid and is_not_null_check(check) and check.columns == (column,) for check in table.constraints
    )


def is_not_null_check(constraint: Constraint) -> bool:
    """Whether a constraint is ``CHECK (column IS NOT NULL)``."""
    test = (constraint.expression or {}).get("NullTest", {})
    return bool(test.get("nulltesttype") == "IS_NOT_NULL" and "ColumnRef" in test.get("arg", {}))
