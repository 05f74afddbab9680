"""What a check proves about a partition bound."""

from __future__ import annotations

import pytest

from lockgate.analysis.locks.bounds import holds_all, may_hold, proves_inside, proves_outside
from lockgate.analysis.locks.expressions import Fact, compare, facts, proves_not_null
from lockgate.analysis.view import (
    Column,
    Constraint,
    IndexKey,
    PartitionBound,
    PartitionKey,
    Relation,
    TypeRef,
)
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import parse_expression, parse_one

INT = TypeRef(QualifiedName("pg_catalog", "int4"))


def spec(bound: str):
    statement = parse_one(f"ALTER TABLE p ATTACH PARTITION c {bound}")
    return statement.tree["cmds"][0]["AlterTableCmd"]["def"]["PartitionCmd"]["bound"]


def table(*checks: str, not_null: str = "k", valid: bool = True) -> Relation:
    columns = tuple(Column(name, INT, not_null=name in not_null.split()) for name in ("k", "l"))
    constraints = tuple(
        Constraint(f"c{number}", "check", expression=parse_expression(check), valid=valid)
        for number, check in enumerate(checks)
    )
    return Relation(QualifiedName("public", "c"), columns=columns, constraints=constraints)


def key(strategy: str, *columns: str) -> PartitionKey:
    return PartitionKey(strategy, tuple(IndexKey(column) for column in columns))  # type: ignore[arg-type]


RANGE = "FOR VALUES FROM (10) TO (20)"


@pytest.mark.parametrize(
    ("check", "proved"),
    [
        ("k >= 10 AND k < 20", True),
        ("k > 10 AND k <= 19", True),
        ("10 <= k AND 20 > k", True),
        ("k BETWEEN 10 AND 19", True),
        ("k BETWEEN 10 AND 20", False),
        ("k = 15", True),
        ("k IN (10, 19)", True),
        ("k IN (10, 20)", False),
        ("k >= 9 AND k < 20", False),
        ("k >= 10", False),
        ("k >= 10 OR k < 20", False),
        ("l >= 10 AND l < 20", False),
        ("(k >= 10 AND k < 20) AND l > 0", True),
        ("k::int >= 10 AND k < '20'::int", True),
        ("k >= -10 AND k < 20", False),
        ("k + 0 >= 10 AND k < 20", False),
    ],
)
def test_range(check: str, proved: bool) -> None:
    assert proves_inside(table(check), key("range", "k"), spec(RANGE)) is proved


def test_a_proof_needs_not_null_and_a_valid_check() -> None:
    check = "k >= 10 AND k < 20"
    assert not proves_inside(table(check, not_null=""), key("range", "k"), spec(RANGE))
    assert proves_inside(table(check, "k IS NOT NULL", not_null=""), key("range", "k"), spec(RANGE))
    assert not proves_inside(table(check, valid=False), key("range", "k"), spec(RANGE))


@pytest.mark.parametrize(
    ("bound", "check", "proved"),
    [
        ("FOR VALUES FROM (MINVALUE) TO (20)", "k < 20", True),
        ("FOR VALUES FROM (10) TO (MAXVALUE)", "k >= 10", True),
        (
            "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
            "k >= '2024-01-01' AND k < '2024-06-01 12:00'",
            True,
        ),
        (
            "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
            "k >= '2024-01-01 00:00+02' AND k < '2025-01-01'",
            False,
        ),
        ("FOR VALUES FROM ('a') TO ('c')", "k >= 'b' AND k < 'c'", False),
        ("FOR VALUES FROM ('a') TO ('c')", "k >= 'a' AND k < 'c'", True),
        ("FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "k = 1", False),
        ("DEFAULT", "k = 1", False),
    ],
)
def test_other_bounds(bound: str, check: str, proved: bool) -> None:
    assert proves_inside(table(check), key("range", "k"), spec(bound)) is proved


def test_two_columns_need_a_strict_first_one() -> None:
    pair, bound = key("range", "k", "l"), spec("FOR VALUES FROM (10, 0) TO (20, 0)")
    assert proves_inside(table("k > 10 AND k < 20", not_null="k l"), pair, bound)
    assert not proves_inside(table("k >= 10 AND k < 20", not_null="k l"), pair, bound)
    assert not proves_inside(table("k > 10 AND k < 20", not_null="k"), pair, bound)


@pytest.mark.parametrize(
    ("bound", "check", "proved"),
    [
        (RANGE, "k >= 20", True),
        (RANGE, "k < 10", True),
        (RANGE, "k <= 10", False),
        (RANGE, "k > 19", False),
        ("FOR VALUES IN (1, 2)", "k = 3", True),
        ("FOR VALUES IN (1, 2)", "k IN (2, 3)", False),
        ("FOR VALUES IN (1, 2)", "k <> 1 AND k <> 2", True),
        ("FOR VALUES IN (1, 2)", "k <> 1", False),
        ("FOR VALUES IN (1, 2)", "k NOT IN (1, 2, 3)", True),
        ("FOR VALUES IN (1, 2)", "k NOT IN (1, 3)", False),
        ("FOR VALUES IN (1, 2)", "k <> ALL (ARRAY[1, 2])", True),
        ("FOR VALUES IN (1)", "k <> 1", True),
        ("FOR VALUES IN (1, NULL)", "k = 3", False),
    ],
)
def test_the_default_partition_is_out_of_reach(bound: str, check: str, proved: bool) -> None:
    assert proves_outside(table(check), key("range", "k"), spec(bound)) is proved


@pytest.mark.parametrize(
    ("condition", "may", "all_of_them"),
    [("k = 15", True, True), ("k = 25", False, False), ("k > 12", True, False), ("k >= 20", False, False)],
)
def test_reach_of_a_query(condition: str, may: bool, all_of_them: bool) -> None:
    partition = Relation(
        QualifiedName("public", "c"), partition_bound=PartitionBound(spec(RANGE)), columns=(Column("k", INT),)
    )
    known = list(facts(parse_expression(condition)))
    assert may_hold(partition, key("range", "k"), known) is may
    assert holds_all(partition, key("range", "k"), known) is all_of_them


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("1", "2", -1),
        ("10", "9", 1),
        ("2024-01-01", "2024-01-01 00:00:00+00", 0),
        ("2024-01-02", "2024-01-01T23:59:59", 1),
        ("a", "b", None),
        ("a", "a", 0),
        (None, "a", None),
    ],
)
def test_compare(left: str | None, right: str | None, order: int | None) -> None:
    assert compare(left, right) == order


@pytest.mark.parametrize(
    ("check", "proved"),
    [
        ("k IS NOT NULL", True),
        ("NOT (k IS NULL)", True),
        ("k IS NOT NULL AND l > 0", True),
        ("(k IS NOT NULL AND l > 0) OR (k IS NOT NULL AND l < 0)", True),
        ("k IS NOT NULL OR l IS NOT NULL", False),
        ("k > 0", False),
        ("k IS NULL", False),
        ("l IS NOT NULL", False),
        ("length(k) > 0", False),
    ],
)
def test_not_null(check: str, proved: bool) -> None:
    assert proves_not_null(table(check).constraints, "k") is proved
    assert not proves_not_null(table(check, valid=False).constraints, "k")


def test_facts_of_a_conjunction() -> None:
    found = list(facts(parse_expression("k = 1 AND 5 < l AND k IS NOT NULL AND f(k) > 2")))
    assert [(fact.column, fact.operator) for fact in found] == [("k", "="), ("l", ">"), ("k", "not null")]
    assert Fact("k", "=", found[0].values) == found[0]
