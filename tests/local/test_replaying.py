"""``local reset``: plain files take the quick way and leave what the engine leaves; failures are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.config import load
from lockgate.local import server
from lockgate.local.server import Place
from lockgate.workflow import plain_files

pytestmark = pytest.mark.server

FILES = {
    "20250101090000": ("create_a", "CREATE TABLE a (id int PRIMARY KEY); -- a comment at the end"),
    "20250102090000": ("set_path", "SET search_path = auth; SET work_mem = '8MB';"),
    "20250103090000": ("create_b", "BEGIN; CREATE TABLE b (id int REFERENCES a); COMMIT;"),
    "20250104090000": ("index_b", "CREATE INDEX CONCURRENTLY b_id ON b (id);"),
    "20250105090000": ("create_c", "CREATE TEMP TABLE gone (id int); CREATE TABLE c (id int);"),
}
STEPS = "SELECT version, direction, step, position, kind, title, status FROM lockgate.step ORDER BY version, position"
MIGRATIONS = (
    "SELECT m.version, m.name, m.file, m.status, m.checksum, m.statement_checksum, m.content, m.applied_at IS NULL,"
    " h.name, h.statements FROM lockgate.migration m JOIN supabase_migrations.schema_migrations h USING (version)"
    " ORDER BY m.version"
)


@pytest.fixture
def place(tmp_path: Path, supabase_db: Database) -> Iterator[Sandbox]:
    made = sandbox(tmp_path, supabase_db.url, platform="supabase")
    for version, (name, sql) in FILES.items():
        made.write(version, name, sql)
    yield made
    server.stop(Place.of(load(tmp_path)), delete=True)


def reset(place: Sandbox, *words: str) -> dict[str, Any]:
    result = place.lockgate("local", "reset", "--json", *words)
    document: dict[str, Any] = json.loads(result.stdout)
    return document | {"_exit": result.exit_code}


def url(place: Sandbox) -> str:
    running = server.find(Place.of(load(place.folder)))
    assert running is not None
    return running.url


def rows(url: str, *questions: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [connection.execute(one.encode()).fetchall() for one in questions]


def test_the_quick_way_leaves_what_the_engine_leaves(
    place: Sandbox, supabase_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick: list[int] = []
    original = plain_files._run

    def counted(*given: Any) -> Any:
        done = original(*given)
        quick.append(len(done))
        return done

    monkeypatch.setattr(plain_files, "_run", counted)
    done = reset(place)
    assert done["_exit"] == 0, done
    assert sum(quick) == 4
    applied = place.to_target("apply")
    assert applied.exit_code == 0, applied.output
    assert rows(url(place), STEPS, MIGRATIONS) == rows(supabase_db.url, STEPS, MIGRATIONS)
    assert place.lockgate("diff", "--from", "target", "--to", "local").exit_code == 0


def test_failures_are_named_and_the_rest_goes_on(place: Sandbox) -> None:
    place.write("20250102100000", "broken", "CREATE TABLE d (id int); ALTER TABLE never_there ADD x int;")
    place.write(
        "20250104100000", "half", "-- lockgate: no-transaction\nCREATE TABLE e (id int);\nSELECT 1 / 0;\n"
    )
    refused = place.lockgate("local", "reset")
    assert refused.exit_code == 1
    assert "never_there" in refused.output
    done = reset(place, "--keep-going")
    assert done["_exit"] == 1
    assert [one["file"].rpartition("_")[2] for one in done["failed"]] == ["broken.sql", "half.sql"]
    assert "never_there" in done["failed"][0]["message"]
    ((tables,),) = rows(
        url(place),
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'",
    )
    assert tables[0].split() == ["a", "b", "c", "e"]
    again = reset(place, "--keep-going")
    assert again["failed"] == done["failed"]
    assert again["applied"] == 0
    assert place.lockgate("local", "reset").exit_code == 1
    (place.folder / "migrations" / "20250102_100000_broken.sql").write_text("SELECT 1;")
    (place.folder / "migrations" / "20250104_100000_half.sql").write_text("SELECT 1;")
    assert reset(place, "--keep-going")["failed"] == []
