"""Forty holes are found and forty correct policies raise no alarm, all on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from tests.rls import seeded
from tests.sampling import NIGHTLY
from tests.servers import Database

from lockgate.verify.rls.bench import Manner
from lockgate.verify.rls.explaining import WHY
from lockgate.verify.rls.matrix import build
from lockgate.verify.rls.model import Matrix
from lockgate.workflow.verifying import fill


def probe(database: Database, cases: list[seeded.Case]) -> Matrix:
    with database.connect() as connection:
        seeded.load(connection, cases)
    with psycopg.connect(database.url, autocommit=True, prepare_threshold=None) as connection:
        return build(connection, Manner())


def found_in(matrix: Matrix, case: seeded.Case) -> Iterator[tuple[str, str]]:
    for hole in matrix.holes:
        if hole.where.startswith((f"{case.name}.", "storage.")):
            yield hole.kind, hole.where.partition("(")[0]


def test_every_seeded_hole_is_found(supabase_db: Database) -> None:
    cases = seeded.read("holes")
    matrix = probe(supabase_db, cases)
    assert len(cases) >= 40
    missed = [
        (case.name, list(found_in(matrix, case)))
        for case in cases
        if (case.kind, case.where) not in found_in(matrix, case)
    ]
    assert not missed


def test_correct_policies_raise_no_alarm(supabase_db: Database) -> None:
    cases = seeded.read("correct")
    matrix = probe(supabase_db, cases)
    assert len(cases) >= 40
    assert [(hole.where, hole.kind, hole.what) for hole in matrix.holes] == []
    assert_nothing_is_vacuous(matrix)


def assert_nothing_is_vacuous(matrix: Matrix) -> None:
    """Every denial by policy was held against rows that are there, and service_role could touch them."""
    for line in matrix.lines:
        for (persona, command), cell in line.cells.items():
            if cell.verdict == "denied by policy" and persona != "stranger":
                assert cell.of > 0, (line.relation, persona, command)
                assert line.cells["service_role", command].rows > 0 or line.kind != "r", (
                    line.relation,
                    command,
                )


def test_probing_leaves_no_trace(supabase_db: Database) -> None:
    cases = [
        case for case in seeded.read("holes") if case.name in ("always_true_update", "self_promotion_profile")
    ]
    with supabase_db.connect() as connection:
        seeded.load(connection, cases)
        before = contents(connection, cases)
        with psycopg.connect(supabase_db.url, autocommit=True, prepare_threshold=None) as other:
            assert build(other, Manner()).holes
        assert contents(connection, cases) == before


def contents(connection: psycopg.Connection, cases: list[seeded.Case]) -> list[object]:
    tables = connection.execute(
        "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY (%s) ORDER BY 1",
        ([case.name for case in cases],),
    ).fetchall()
    return [
        connection.execute(f"SELECT t.ctid::text, t::text FROM {name} AS t").fetchall() for (name,) in tables
    ]


@pytest.mark.parametrize("supabase_db", [15], indirect=True)
def test_the_oldest_server_answers_alike(supabase_db: Database) -> None:
    names = (
        "ored_soft_delete",
        "definer_view",
        "moves_row",
        "update_moves_by_claim",
        "join_leak_captured_column",
    )
    cases = [case for case in seeded.read("holes") if case.name in names]
    matrix = probe(supabase_db, cases)
    assert all((case.kind, case.where) in found_in(matrix, case) for case in cases)


@pytest.mark.skipif(not NIGHTLY, reason="a nightly run")
@pytest.mark.parametrize("folder", ["holes", "correct"])
def test_generated_rows_show_the_same(supabase_db: Database, folder: str) -> None:
    cases = seeded.read(folder)
    with supabase_db.connect() as connection:
        seeded.load(connection, cases)
    with supabase_db.connect_admin() as connection:
        tables = connection.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname = ANY (%s)",
            ([case.name for case in cases],),
        ).fetchall()
        connection.execute(f"TRUNCATE auth.users, {', '.join(name for (name,) in tables)} CASCADE")  # type: ignore[call-overload]
        fill(connection)
        connection.execute(
            "REFRESH MATERIALIZED VIEW materialized_view.note_counts"
        ) if folder == "holes" else None
    with psycopg.connect(supabase_db.url, autocommit=True, prepare_threshold=None) as connection:
        matrix = build(connection, Manner())
    found = {(hole.kind, hole.where.partition("(")[0]) for hole in matrix.holes}
    assert [case.name for case in cases if case.kind and (case.kind, case.where) not in found] == []
    assert found == set() or folder == "holes"


def test_every_kind_of_hole_is_explained_in_the_documentation() -> None:
    page = (seeded.FOLDER.parents[2] / "docs" / "how-to" / "prove-row-level-security.md").read_text()
    kinds = {case.kind for case in seeded.read("holes")} | set(WHY)
    assert [kind for kind in sorted(filter(None, kinds)) if f"`{kind}`" not in page] == []
