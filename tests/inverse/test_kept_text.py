"""What a rollback file asks to be kept, written and read again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockgate.errors import SourceError
from lockgate.inverse.kept_text import kept_in, kept_lines, mark_of
from lockgate.inverse.model import Inverse, Keep
from lockgate.planning.keeping import with_kept
from lockgate.planning.plan import LockPolicy, Step, StepKind
from lockgate.sql.identifiers import literal
from lockgate.sql.parse import parse
from lockgate.types import LockMode, RelationLock

SQL = "UPDATE t\n   SET a = 1"


def text_for(*keeps: Keep) -> str:
    script = parse(SQL)
    inverse = Inverse(("SELECT 1",), keeps=keeps, statements=(0,))
    return "\n".join(kept_lines([inverse], {one.index: one for one in script.statements}))


def step(kind: StepKind = StepKind.DDL, transaction: int | None = 1) -> Step:
    return Step("s001", kind, "update", (SQL,), transaction, statements=(0,))


def test_what_is_written_is_read() -> None:
    keep = Keep(
        "old values", (), before=("CREATE TABLE a ()", "SELECT ';'"), instead="SELECT 2", after=("SELECT 3",)
    )
    (found,) = kept_in("BEGIN;\n" + text_for(keep) + "\nSELECT 1;\n")
    assert (found.statement, found.what) == (0, "old values")
    assert found.before == ("CREATE TABLE a ()", "SELECT ';'")
    assert found.instead == "SELECT 2"
    assert found.after == ("SELECT 3",)


@given(
    st.text(
        st.characters(
            blacklist_categories=["Cs"], blacklist_characters="\0\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
        )
    )
)
def test_any_string_survives(value: str) -> None:
    sql = f"SELECT {literal(value).strip()}"
    (found,) = kept_in(text_for(Keep("x", (), before=(sql,))))
    assert found.before == (sql,)


def test_the_mark_follows_the_statement_and_not_its_layout() -> None:
    assert mark_of(SQL) == mark_of("UPDATE t SET a = 1")
    assert mark_of(SQL) != mark_of("UPDATE t SET a = 2")


def test_kept_statements_stand_around_theirs_in_one_step() -> None:
    kept = kept_in(text_for(Keep("x", (), before=("SELECT 1",), after=("SELECT 3",))))
    (made,) = with_kept((step(),), kept, parse(SQL).statements, "a.sql")
    assert made.sql == ("SELECT 1", SQL, "SELECT 3")
    assert made.option("keeps") == "x"


def test_a_statement_that_runs_alone_gets_a_transaction_with_what_is_kept() -> None:
    kept = kept_in(text_for(Keep("x", (), before=("SELECT 1",))))
    (made,) = with_kept((step(transaction=None),), kept, parse(SQL).statements, "a.sql")
    assert made.transaction is not None


def test_a_lock_that_keeping_takes_is_foretold_and_never_queued_for_without_limit() -> None:
    lock = "LOCK TABLE app.t IN SHARE ROW EXCLUSIVE MODE"
    kept = kept_in(text_for(Keep("x", (), before=(lock, "CREATE TABLE a ()"))))
    known = RelationLock("app.t", LockMode.ROW_EXCLUSIVE, scan=True)
    patient = replace(step(), locks=(known,), lock_policy=LockPolicy.PATIENT)
    (made,) = with_kept((patient,), kept, parse(SQL).statements, "x.sql")
    assert made.locks == (RelationLock("app.t", LockMode.SHARE_ROW_EXCLUSIVE, scan=True),)
    assert made.lock_policy is LockPolicy.SHORT


def test_a_backfill_is_preceded_by_the_copy() -> None:
    kept = kept_in(text_for(Keep("x", (), before=("SELECT 1",))))
    copy, backfill = with_kept((step(StepKind.BACKFILL, None),), kept, parse(SQL).statements, "a.sql")
    assert copy.sql == ("SELECT 1",)
    assert backfill.sql == (SQL,)


def test_a_rollback_of_another_statement_is_refused() -> None:
    kept = kept_in(text_for(Keep("x", (), before=("SELECT 1",))))
    with pytest.raises(SourceError, match="derived from another statement 1"):
        with_kept((step(),), kept, parse("UPDATE t SET a = 2").statements, "a.sql")
