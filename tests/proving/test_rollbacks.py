"""Hand-written rollbacks: every wrong one is caught and named, no right one is blamed."""

from __future__ import annotations

import pytest
from tests.proving.kit import Case, ProjectOnDisk, read_cases
from tests.sampling import falls_to

from lockgate.proving.history import Order

# Half of the wrong ones each day: most of them are tried twice, since they are not flawless in one transaction.
WRONG = [case for case in read_cases("wrong") if falls_to(case.name, "today", ("today", "tomorrow"))]
RIGHT = read_cases("right")


def prove_all(folder, cases: list[Case], major: int):
    project = ProjectOnDisk(folder)
    versions = {}
    for case in cases:
        for text in case.before:
            project.add(text, name="before")
        versions[case.name] = project.add(case.forth, case.back, name=case.name)
    order = Order(frozenset(versions.values()), later=False, staircase=False)
    findings = project.prove(order, major)
    return {name: findings.proofs[version] for name, version in versions.items()}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    return prove_all(tmp_path_factory.mktemp("wrong") / "p", WRONG, 17)


@pytest.fixture(scope="module", params=[15, 18])
def right(request, tmp_path_factory):
    return prove_all(tmp_path_factory.mktemp("right") / "p", RIGHT, request.param)


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_wrong_rollback_is_caught_and_named(wrong, case):
    proof = wrong[case.name]
    said = "\n".join(proof.differences)
    assert proof.applied, proof.error
    assert proof.rollback.value == case.expect, said
    assert proof.data_restored is {"lost": False}.get(case.data or "", proof.data_restored), said
    assert proof.faults()
    assert case.says.lower() in said.lower(), said


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_rollback_is_not_blamed(right, case):
    proof = right[case.name]
    assert proof.applied, proof.error
    assert proof.rollback.value == "exact", proof.differences
    assert proof.data_restored is True
    assert proof.reapplied is True
    assert proof.faults() == ()


def test_cases_have_rows_to_lose(wrong):
    """A proof over empty tables would find every rollback of data right."""
    data = [wrong[case.name] for case in WRONG if case.data]
    assert data
    assert all(proof.row_count > 0 for proof in data)
