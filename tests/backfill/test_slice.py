"""The thin slice: a backfill from the statement to the proof."""

from __future__ import annotations

from lockgate.backfill.run import run


def make_users(pg, rows=5000):
    with pg.connect() as c:
        c.execute("CREATE TABLE users (id uuid PRIMARY KEY, first_name text, last_name text, full_name text)")
        c.execute(
            "INSERT INTO users SELECT md5(n::text)::uuid, 'f' || n, 'l' || n FROM generate_series(1, %s) n", [rows]
        )
        c.execute("ANALYZE users")


def test_update_from_statement_to_proof(pg):
    make_users(pg)
    out = run(pg.connect, "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL")
    assert out.job.status == "done"
    assert out.job.rows_left == 0
    assert out.progress.rows_done == 5000
    with pg.connect() as c:
        assert c.execute("SELECT count(*) FROM users WHERE full_name = first_name || ' ' || last_name").fetchone()[0] == 5000
        print(c.execute("select * from lockgate.migration_progress").fetchall())
        print(out.job.reasons)
