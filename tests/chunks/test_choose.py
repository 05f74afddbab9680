"""The way to walk: chosen by key, order on disk, free space, indexes touched and the share of rows, and explained."""

from __future__ import annotations

import pytest

from lockgate.chunks.choose import choose
from lockgate.chunks.table import Column, Index, Table
from lockgate.chunks.walkers import Change
from lockgate.errors import UnfitTargetError, UsageError
from lockgate.sql.identifiers import QualifiedName


def table(
    key="uuid",
    correlation=0.01,
    fillfactor=100,
    rows=2_000_000,
    keyed=True,
    rows_per_page=48,
    kind="r",
    cache=8 << 30,
):
    columns = (
        Column("id", key, True, False, correlation),
        Column("email", "text", False, False, 0.0),
        Column("full_name", "text", False, False, None),
    )
    unique = Index("users_pkey", "btree", True, True, True, True, False, False, ("id",), ("id",), True)
    by_email = Index(
        "users_email", "btree", False, False, True, True, False, False, ("email",), ("email",), True
    )
    return Table(
        oid=1,
        name=QualifiedName("public", "users"),
        kind=kind,
        filenode=2,
        bytes=int(rows / rows_per_page) * 8192,
        block_size=8192,
        cache_bytes=cache,
        fillfactor=fillfactor,
        row_security=False,
        inherited=False,
        rows=rows,
        columns=columns,
        indexes=(unique, by_email) if keyed else (by_email,),
        triggers=(),
        leaves=(),
    )


def change(columns=("full_name",), share=1.0, converges=True, kind="update", **more):
    return Change(kind, frozenset(columns), share, converges, **more)


@pytest.mark.parametrize(
    ("facts", "asked", "way", "words"),
    [
        (table(), change(), "keyset", "each page is met again later"),
        (table(cache=256 << 20), change(), "strided", "no index does"),
        (table("bigint", 1.0), change(), "strided", "no index does"),
        (table(fillfactor=70), change(), "strided", "have room for new versions"),
        (table(), change(columns=("email",)), "keyset", "no update can be HOT"),
        (table(), change(share=0.02), "keyset", "each page is met again later"),
        (table(), change(converges=False), "keyset", "unique and never NULL"),
        (table("bigint", 1.0), change(share=0.02), "keyset", "that of the disk"),
        (table(rows_per_page=3), change(), "keyset", "is random"),
        (table(keyed=False), change(), "pages", "no update is HOT"),
        (table(), change(kind="delete", columns=()), "keyset", "met once"),
        (table(), change(key=("id",)), "keyset", "unique and never NULL"),
        (table(), change(walker="pages"), "pages", "before their dead rows"),
    ],
)
def test_the_choice_and_its_reason(facts, asked, way, words):
    choice = choose(facts, asked)
    assert choice.walker.name == way
    assert words in choice.explain()[0]
    assert len(choice.explain()) >= 3, "the others are judged too"


def test_a_swap_is_proposed_where_it_would_be_much_faster():
    assert "lockgate swap" in (choose(table(), change(columns=("email",))).swap or "")
    assert choose(table(fillfactor=70), change()).swap is None
    assert choose(table(), change(columns=("email",), share=0.1)).swap is None
    assert choose(table(rows=1000), change(columns=("email",))).swap is None


def test_no_way_at_all_says_what_would_help():
    with pytest.raises(UnfitTargetError) as caught:
        choose(table(keyed=False), change(converges=False))
    assert "exactly once" in caught.value.why
    assert any("primary key" in step for step in caught.value.next_steps)


def test_a_way_that_there_is_not():
    with pytest.raises(UsageError, match="keyset, strided, pages"):
        choose(table(), change(walker="sideways"))
