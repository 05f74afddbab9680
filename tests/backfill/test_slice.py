"""The thin slice: a backfill from the statement to the proof."""

from __future__ import annotations

from tests.backfill.conftest import make_users

from lockgate.backfill.run import run


def test_update_from_statement_to_proof(pg):
    make_users(pg)
    out = run(
        pg.connect, "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"
    )
    assert out.job.status == "done"
    assert out.job.rows_left == 0
    assert out.progress.rows_done == 5000
    with pg.connect() as c:
        assert (
            c.execute(
                "SELECT count(*) FROM users WHERE full_name = first_name || ' ' || last_name"
            ).fetchone()[0]
            == 5000
        )
        print(c.execute("select * from lockgate.migration_progress").fetchall())
        print(out.job.reasons)
