"""Partition bounds: what the checks of a table prove about them, and which partitions a query can reach.

A proof saves the server from reading every row at ATTACH PARTITION (``ConstraintImpliedByRelConstraint``). The proofs
here are those that people write: comparisons of the key with constants, and NOT NULL. A bound of several columns is
proved by its first one where that is enough, or by a check in the very words of the bound.
"""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.locks.expressions import (
    NULL,
    Fact,
    Value,
    compare,
    conjuncts,
    constant,
    facts,
    valid_facts,
)
from lockgate.analysis.view import Constraint, PartitionKey, Relation
from lockgate.sql.parse import Node, parse_expression, without_locations

_MINVALUE, _MAXVALUE = "minvalue", "maxvalue"


def proves_inside(partition: Relation, key: PartitionKey | None, spec: Node) -> bool:
    """Whether the valid checks of a table say that all its rows are within a bound."""
    if spec.get("is_default") or key is None:
        return False
    if _says(partition, bound_condition(key, spec)):
        return True
    column = key.keys[0].column
    known = [fact for fact in valid_facts(partition) if fact.column == column]
    if spec.get("strategy") == "l":
        return _within_list(known, _list(spec))
    if spec.get("strategy") != "r":
        return False
    not_null = {fact.column for fact in valid_facts(partition) if fact.operator == "not null"}
    if not all(part.column in not_null for part in key.keys):
        return False
    lower, upper = spec["lowerdatums"], spec["upperdatums"]
    single = len(key.keys) == 1
    return _above(known, lower[0], inclusive=single) and _below(known, upper[0])


def proves_outside(default: Relation, key: PartitionKey | None, spec: Node) -> bool:
    """Whether the valid checks of the default partition say that none of its rows belongs within a new bound."""
    condition = bound_condition(key, spec)
    if condition and _says(default, f"NOT ({condition})"):
        return True
    if key is None or len(key.keys) != 1:
        return False
    if any(_refuses(constraint, key.keys[0].column, spec) for constraint in default.constraints):
        return True
    known = [fact for fact in valid_facts(default) if fact.column == key.keys[0].column]
    if spec.get("strategy") == "l":
        return _without_list(known, _list(spec))
    if spec.get("strategy") != "r":
        return False
    return _below(known, spec["lowerdatums"][0]) or _above(known, spec["upperdatums"][0], inclusive=True)


def _says(relation: Relation, condition: str) -> bool:
    """Whether a valid check says just that."""
    if not condition:
        return False
    wanted = without_locations(parse_expression(condition))
    return any(
        one.kind == "check" and one.valid and one.enforced and without_locations(one.expression) == wanted
        for one in relation.constraints
    )


def _refuses(constraint: Constraint, column: str, spec: Node) -> bool:
    """Whether a check is NOT of conditions that each follow from a bound, so that no row within it passes."""
    boolean = (constraint.expression or {}).get("BoolExpr", {})
    usable = constraint.kind == "check" and constraint.valid and constraint.enforced
    if not usable or boolean.get("boolop") != "NOT_EXPR":
        return False
    parts = list(conjuncts(boolean["args"][0]))
    known = list(facts(boolean["args"][0]))
    return len(parts) == len(known) and all(fact.column == column and _follows(fact, spec) for fact in known)


def _follows(fact: Fact, spec: Node) -> bool:
    """Whether every row within a bound obeys a condition."""
    if fact.operator == "not null":
        return True
    if spec.get("strategy") == "l":
        values = _list(spec)
        return fact.operator == "in" and values is not None and set(values) <= set(fact.values)
    side = {">=": "lowerdatums", "<": "upperdatums"}.get(fact.operator)
    found = constant(spec[side][0]) if side else None
    if found is None:
        return False
    order = compare(found[0], fact.values[0])
    return order is not None and (order >= 0 if side == "lowerdatums" else order <= 0)


def may_hold(partition: Relation, key: PartitionKey | None, conditions: Iterable[Fact]) -> bool:
    """Whether a partition can hold rows that obey some conditions on the first key column."""
    bound = partition.partition_bound
    if key is None or bound is None or bound.default:
        return True
    known = [fact for fact in conditions if fact.column == key.keys[0].column]
    if bound.spec.get("strategy") == "l":
        return not _without_list(known, _list(bound.spec))
    if bound.spec.get("strategy") != "r":
        return True
    above = _above(known, bound.spec["upperdatums"][0], inclusive=len(key.keys) == 1)
    return not (_below(known, bound.spec["lowerdatums"][0]) or above)


def holds_all(partition: Relation, key: PartitionKey | None, conditions: Iterable[Fact]) -> bool:
    """Whether every row that obeys some conditions belongs into this partition, so that the default one has none."""
    bound = partition.partition_bound
    if key is None or bound is None or bound.default or len(key.keys) != 1:
        return False
    known = [fact for fact in conditions if fact.column == key.keys[0].column]
    if bound.spec.get("strategy") == "l":
        return _within_list([*known, Fact(key.keys[0].column, "not null")], _list(bound.spec))
    if bound.spec.get("strategy") != "r" or not known:
        return False
    lower, upper = bound.spec["lowerdatums"][0], bound.spec["upperdatums"][0]
    return _above(known, lower, inclusive=True) and _below(known, upper)


def _list(spec: Node) -> tuple[Value, ...] | None:
    """The values of a list bound; None when one of them is no plain constant."""
    found = [constant(item) for item in spec.get("listdatums", ())]
    return None if None in found else tuple(value[0] for value in found if value is not None)


def _within_list(known: list[Fact], values: tuple[Value, ...] | None) -> bool:
    if values is None:
        return False
    if NULL not in values and not any(fact.operator == "not null" for fact in known):
        return False
    allowed = set(values)
    return any(fact.operator in ("=", "in") and set(fact.values) <= allowed for fact in known)


def _without_list(known: list[Fact], values: tuple[Value, ...] | None) -> bool:
    if values is None or NULL in values:
        return False
    refused = {value for fact in known if fact.operator == "<>" for value in fact.values}
    if set(values) <= refused:
        return True
    return any(fact.operator in ("=", "in") and not set(fact.values) & set(values) for fact in known)


def _above(known: list[Fact], datum: Node, *, inclusive: bool) -> bool:
    """Whether some fact keeps a column at or above a bound, or strictly above it."""
    if _keyword(datum) == _MINVALUE:
        return True
    return any(_is_above(fact, datum, inclusive) for fact in known)


def _is_above(fact: Fact, datum: Node, inclusive: bool) -> bool:
    found = constant(datum)
    if found is None or fact.operator not in (">", ">=", "=", "in"):
        return False
    orders = [compare(value, found[0]) for value in fact.values]
    least = 0 if inclusive or fact.operator == ">" else 1
    return all(order is not None and order >= least for order in orders)


def _below(known: list[Fact], datum: Node) -> bool:
    """Whether some fact keeps a column strictly below a bound."""
    if _keyword(datum) == _MAXVALUE:
        return True
    return any(_is_below(fact, datum) for fact in known)


def _is_below(fact: Fact, datum: Node) -> bool:
    found = constant(datum)
    if found is None or fact.operator not in ("<", "<=", "=", "in"):
        return False
    orders = [compare(value, found[0]) for value in fact.values]
    most = 0 if fact.operator == "<" else -1
    return all(order is not None and order <= most for order in orders)


def _keyword(datum: Node) -> str:
    """``minvalue`` or ``maxvalue`` where a bound says so."""
    fields = datum.get("ColumnRef", {}).get("fields", [])
    text: str = fields[-1].get("String", {}).get("sval", "").lower() if fields else ""
    return text
