"""The cache of fresh data directories: shared, complete or absent, and not needed."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

from lockgate.local import flavours, pristine, server

pytestmark = pytest.mark.server


def shelf(folder):
    return [path for path in (folder / "clusters").iterdir() if path.is_dir()]


def test_a_half_written_entry_is_not_taken(make_place, monkeypatch, short_path) -> None:
    monkeypatch.setenv(flavours.CACHE_VARIABLE, str(short_path / "cache"))
    half = short_path / "cache" / "clusters" / "17-postgres-abc.1234.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("17\n")
    place = make_place(flavour=flavours.POSTGRES)
    assert server.start(place).created is True
    complete = [path for path in shelf(short_path / "cache") if path.suffix != ".new"]
    assert len(complete) == 1
    assert (complete[0] / "global" / "pg_control").exists()


def test_several_processes_fill_the_cache_once(short_path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lockgate.local import flavours, server\n"
        "from lockgate.local.folder import Folder\n"
        "from lockgate.local.server import Place\n"
        "place = Place(Folder.of_project(Path(sys.argv[1])), flavours.POSTGRES, 17)\n"
        "server.start(place)\n"
        "server.stop(place)\n"
    )
    environment = {"PATH": "/usr/bin:/bin", flavours.CACHE_VARIABLE: str(short_path / "cache")}
    runs = []
    for number in range(3):
        (short_path / str(number)).mkdir()
        command = [sys.executable, "-c", script, str(short_path / str(number))]
        runs.append(subprocess.Popen(command, env=environment))
    assert [run.wait(timeout=60) for run in runs] == [0, 0, 0]
    assert len(shelf(short_path / "cache")) == 1


def test_no_cache_is_needed(make_place, monkeypatch) -> None:
    monkeypatch.setenv(flavours.CACHE_VARIABLE, "/proc/nowhere")
    running = server.start(make_place(flavour=flavours.POSTGRES)).server
    with psycopg.connect(running.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_oldest_entries_are_dropped(make_place, monkeypatch, short_path) -> None:
    monkeypatch.setenv(flavours.CACHE_VARIABLE, str(short_path / "cache"))
    monkeypatch.setattr(pristine, "_KEPT", 1)
    old = short_path / "cache" / "clusters" / "16-postgres-old"
    old.mkdir(parents=True)
    server.start(make_place(flavour=flavours.POSTGRES))
    assert [path.name.split("-")[0] for path in shelf(short_path / "cache")] == ["17"]


def test_letters_beyond_ascii_have_a_case_on_every_major(make_place) -> None:
    for major in (15, 16, 17, 18):
        running = server.start(make_place(str(major), major=major, flavour=flavours.POSTGRES)).server
        with psycopg.connect(running.url) as connection:
            row = connection.execute(
                "SELECT lower('ÄÖÜ'), 'a' > 'B', current_setting('server_encoding')"
            ).fetchone()
        assert row == ("äöü", True, "UTF8")
