"""The shared fixtures themselves: every major version, isolation, and what a test may count on."""

from __future__ import annotations

import pytest

MAJORS = [15, 16, 17, 18]
pytestmark = pytest.mark.server


@pytest.mark.parametrize("pg", MAJORS, indirect=True)
def test_a_plain_database_of_each_major(pg) -> None:
    with pg.connect() as connection:
        assert connection.info.server_version // 10000 == pg.major
        row = connection.execute(
            "SELECT current_database(), current_setting('is_superuser'), current_setting('wal_level'),"
            " current_setting('max_prepared_transactions')::int > 0"
        ).fetchone()
    assert row == (pg.name, "on", "logical", True)


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_starts_empty(pg, round_) -> None:
    pg.execute("CREATE TABLE only_mine (id int)")


@pytest.mark.parametrize("supabase_db", MAJORS, indirect=True)
def test_a_supabase_database_of_each_major(supabase_db) -> None:
    with supabase_db.connect() as connection:
        row = connection.execute("SELECT session_user, current_setting('is_superuser')").fetchone()
        assert row == ("postgres", "off")
        connection.execute("CREATE TABLE public.t (id int)")
    with supabase_db.connect_admin() as connection:
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",)
