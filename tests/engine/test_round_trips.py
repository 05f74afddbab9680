"""How often a run asks and waits for the server: what makes it slow far away, and what no clock has to measure."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults_kit import Proxy
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.engine import watch

FILES = 20
MOST = 3
"""Everything up to the last statement, then the record and COMMIT, are two; one is for chance."""


def trips(place: Sandbox, pg: Database, *words: str) -> int:
    proxy = Proxy(pg.host, pg.port)
    try:
        through = Sandbox(place.folder, place.url.replace(f":{pg.port}/", f":{proxy.port}/"))
        result = through.to_target(*words)
        assert result.exit_code == 0, result.output
        return proxy.round_trips
    finally:
        proxy.close()


def test_a_small_migration_takes_two_round_trips(
    tmp_path: Path, pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The watch asks of its own accord when a statement takes long, which on a busy machine any may.
    monkeypatch.setattr(watch, "QUIET", 600.0)
    place = sandbox(tmp_path, pg.url)
    place.write("20240101000000", "begin", "SELECT 1;")
    assert place.to_target("apply").exit_code == 0
    nothing = trips(place, pg, "apply")
    for number in range(FILES):
        text = "CREATE TABLE t{0} (id int);\nALTER TABLE t{0} ADD n int;\nCOMMENT ON TABLE t{0} IS 'x';\n"
        place.write(f"202501010900{number:02}", f"create_t{number}", text.format(number))
    assert trips(place, pg, "apply") - nothing <= MOST * FILES


def test_status_asks_no_more_for_many_migrations_than_for_one(tmp_path: Path, pg: Database) -> None:
    place = sandbox(tmp_path, pg.url)
    place.write("20240101000000", "begin", "SELECT 1;")
    assert place.to_target("baseline").exit_code == 0
    one = trips(place, pg, "status")
    for number in range(FILES):
        place.write(f"202501010900{number:02}", f"create_t{number}", "SELECT 2;")
    assert place.to_target("baseline").exit_code == 0
    assert trips(place, pg, "status") <= one + 1
