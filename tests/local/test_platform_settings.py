"""``[db.settings]`` and ``[db.vault]`` of config.toml are there before the first migration runs."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.projects import sandbox

from lockgate.config import load
from lockgate.local import server
from lockgate.local.server import Place

pytestmark = pytest.mark.server

CONFIG = """
project_id = "x"
[db]
major_version = 17
[db.settings]
statement_timeout = "7s"
work_mem = "9MB"
max_connections = 5
[db.vault]
url = "env(MY_URL)"
plain = "it's plain"
missing = "env(NOBODY_SETS_THIS)"
"""
NEEDS_THEM = """
CREATE TABLE seen AS SELECT current_setting('work_mem') AS memory,
  (SELECT string_agg(name || '=' || decrypted_secret, ' ' ORDER BY name) FROM vault.decrypted_secrets) AS secrets;
"""


def test_a_migration_finds_settings_and_secrets(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "", platform="supabase")
    (tmp_path / "supabase").mkdir()
    (tmp_path / "supabase" / "config.toml").write_text(CONFIG)
    (tmp_path / "supabase" / ".env").write_text("MY_URL=http://there\n")
    place.write("20250101090000", "create_seen", NEEDS_THEM)
    where = Place.of(load(tmp_path))
    try:
        done = place.lockgate("local", "reset")
        assert done.exit_code == 0, done.output
        running = server.find(where)
        assert running is not None
        with psycopg.connect(running.url) as connection:
            found = connection.execute("SELECT memory, secrets FROM seen").fetchone()
            assert connection.execute("SHOW statement_timeout").fetchone() == ("7s",)
        assert found == ("9MB", "plain=it's plain url=http://there")
        (tmp_path / "supabase" / ".env").write_text("MY_URL=http://elsewhere\n")
        assert "0 unchanged" in place.lockgate("local", "reset").output
    finally:
        server.stop(where, delete=True)
