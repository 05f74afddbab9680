"""Resets: what is run again, what comes back, and what a failure, a kill or a second reset leaves behind."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import psycopg
import pytest

from lockgate.local import databases, flavours, server, templates
from lockgate.local.server import LocalServer

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class Sql:
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class Applier:
    """Runs layers and remembers which."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def __call__(self, on: LocalServer, layers) -> None:
        with psycopg.connect(on.url, autocommit=True) as connection:
            for layer in layers:
                connection.execute(layer.text)
                self.ran.append(layer.text)


def tables(count: int) -> list[Sql]:
    return [Sql(f"CREATE TABLE t{number} (id int)") for number in range(count)]


def one(url: str, sql: str):
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()


@pytest.fixture
def resets(place):
    running = server.start(place).server

    def run(layers, applier=None):
        applier = applier or Applier()
        done = templates.reset(running, place.folder, layers, applier)
        assert done.applied == len(applier.ran)
        return applier.ran

    run.server, run.place = running, place
    return run


@pytest.mark.parametrize(
    ("start", "end", "last_edit", "expected"),
    [
        (0, 0, None, [0]),
        (0, 1, None, [1]),
        (0, 300, None, [236, 292, 299, 300]),
        (299, 300, None, [300]),
        (44, 300, 150, [150, 236, 292, 299, 300]),
        (44, 300, 44, [236, 292, 299, 300]),
    ],
)
def test_templates_are_kept_densely_near_the_end_and_at_the_last_edit(
    start, end, last_edit, expected
) -> None:
    assert templates.checkpoints(start, end, last_edit) == expected


def test_each_key_depends_on_everything_before_it() -> None:
    first = templates.chain("a", [Sql("1"), Sql("2"), Sql("3")])
    changed = templates.chain("a", [Sql("1"), Sql("x"), Sql("3")])
    assert first[:2] == changed[:2]
    assert not set(first[2:]) & set(changed[2:])
    assert not set(first) & set(templates.chain("b", [Sql("1"), Sql("2"), Sql("3")]))


def test_only_what_changed_is_run_again(resets) -> None:
    layers = tables(12)
    assert len(resets(layers)) == 12
    assert resets(layers) == []
    assert resets([*layers, Sql("CREATE TABLE more (id int)")]) == ["CREATE TABLE more (id int)"]
    edited = [*layers[:11], Sql("CREATE TABLE edited (id int)")]
    assert resets(edited) == ["CREATE TABLE edited (id int)"]
    assert one(resets.server.url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == (12,)


def test_the_second_edit_of_the_same_file_runs_from_there(resets) -> None:
    layers = tables(40)
    resets(layers)
    for number, expected in ((1, None), (2, 20), (3, 20)):
        layers[20] = Sql(f"CREATE TABLE t20 (id int, edit{number} int)")
        ran = resets(layers)
        assert expected is None or len(ran) == expected


def test_a_reset_undoes_what_was_done_by_hand(resets) -> None:
    layers = tables(2)
    resets(layers)
    for _ in range(3):
        with psycopg.connect(resets.server.url) as connection:
            connection.execute("CREATE TABLE by_hand (id int)")
            connection.execute("INSERT INTO t0 VALUES (1)")
        resets(layers)
        assert one(resets.server.url, "SELECT to_regclass('by_hand'), (SELECT count(*) FROM t0)") == (None, 0)


def test_open_connections_do_not_stop_a_reset(resets) -> None:
    resets(tables(1))
    with psycopg.connect(resets.server.url) as idle:
        idle.execute("SELECT 1")
        assert resets(tables(2)) == ["CREATE TABLE t1 (id int)"]
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


ROLES = Sql(
    "CREATE ROLE app LOGIN; GRANT SELECT ON t0 TO app; GRANT anon TO app;"
    "ALTER ROLE anon SET statement_timeout = '7s'; ALTER DATABASE postgres SET timezone TO 'Asia/Tokyo';"
    "GRANT CREATE ON DATABASE postgres TO app"
)
STATE_OF_ROLES = """
    SELECT (SELECT count(*) FROM pg_roles WHERE rolname = 'app'),
           (SELECT rolconfig::text FROM pg_roles WHERE rolname = 'anon'),
           current_setting('timezone'),
           (SELECT count(*) FROM pg_database d, aclexplode(d.datacl) a, pg_roles r
            WHERE d.datname = 'postgres' AND r.oid = a.grantee AND r.rolname = 'app')
"""


@pytest.mark.parametrize("major", [15, 17])
def test_roles_and_settings_follow_the_migrations_back_and_forth(make_place, major) -> None:
    place = make_place(major=major)
    running = server.start(place).server
    without, with_roles = tables(2), [*tables(2), ROLES]
    before, after = (0, "{statement_timeout=3s}", "UTC", 0), (1, "{statement_timeout=7s}", "Asia/Tokyo", 1)
    for layers, expected in [
        (with_roles, after),
        (with_roles, after),
        (without, before),
        (with_roles, after),
    ]:
        templates.reset(running, place.folder, layers, Applier())
        assert one(running.url, STATE_OF_ROLES) == expected


def test_a_failing_file_brings_the_database_from_before_back(resets) -> None:
    resets(tables(2))
    with psycopg.connect(resets.server.url) as connection:
        connection.execute("INSERT INTO t0 VALUES (42)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        templates.reset(resets.server, resets.place.folder, [*tables(5), Sql("SELECT 1 / 0")], Applier())
    assert one(resets.server.url, "SELECT id, to_regclass('t4') FROM t0") == (42, None)
    assert resets(tables(2)) == []


def test_the_very_first_reset_may_fail_too(resets) -> None:
    with pytest.raises(psycopg.errors.SyntaxError):
        templates.reset(resets.server, resets.place.folder, [Sql("nonsense")], Applier())
    assert one(resets.server.url, "SELECT to_regclass('auth.users')::text") == ("auth.users",)
    assert len(resets(tables(1))) == 1


def test_a_reset_that_was_killed_is_undone_by_the_next_start(resets) -> None:
    resets(tables(1))
    with psycopg.connect(resets.server.url) as connection:
        connection.execute("INSERT INTO t0 VALUES (42)")
    with resets.server.connect_admin() as admin:  # what a kill in the middle of a reset leaves
        databases.rename(admin, "postgres", databases.PREVIOUS)
        databases.clone(admin, flavours.PRISTINE, "postgres", "postgres")
    server.stop(resets.place)
    (resets.place.folder.root / "state.json").unlink()
    running = server.start(resets.place).server
    assert one(running.url, "SELECT id FROM t0") == (42,)


RESET_SCRIPT = """
import hashlib, sys, time, psycopg
from dataclasses import dataclass
from pathlib import Path
from lockgate.local import flavours, server, templates
from lockgate.local.folder import Folder
from lockgate.local.server import Place

@dataclass(frozen=True)
class Sql:
    text: str
    digest: str

def apply(on, layers):
    with psycopg.connect(on.url, autocommit=True) as connection:
        for layer in layers:
            connection.execute(layer.text)

place = Place(Folder(Path(sys.argv[1])), flavours.SUPABASE, 17)
texts = sys.argv[2].split(";")
layers = [Sql(text, hashlib.sha256(text.encode()).hexdigest()) for text in texts]
print("begin", flush=True)
templates.reset(server.start(place).server, place.folder, layers, apply)
print("end", flush=True)
"""


def start_reset(folder, *texts: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RESET_SCRIPT, str(folder.root), ";".join(texts)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_reset_does_not_lose_the_database(resets) -> None:
    resets(tables(1))
    with psycopg.connect(resets.server.url) as connection:
        connection.execute("INSERT INTO t0 VALUES (42)")
    victim = start_reset(resets.place.folder, "CREATE TABLE half (id int)", "SELECT pg_sleep(60)")
    deadline = time.monotonic() + 30
    with resets.server.connect_admin() as admin:
        while not admin.execute("SELECT 1 FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'").fetchone():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    assert resets(tables(1)) == []
    assert one(resets.server.url, "SELECT to_regclass('half'), (SELECT count(*) FROM t0)") == (None, 0)


def test_two_resets_at_once_take_turns(resets) -> None:
    runs = [start_reset(resets.place.folder, f"CREATE TABLE r{n} (id int)") for n in range(3)]
    outputs = [run.communicate(timeout=60)[0].split() for run in runs]
    assert outputs == [["begin", "end"]] * 3
    found = one(resets.server.url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert found == (1,)
    with resets.server.connect_admin() as admin:
        assert not databases.exists(admin, databases.PREVIOUS)


def test_templates_that_nobody_uses_are_thrown_away(resets, monkeypatch) -> None:
    monkeypatch.setattr(templates, "KEPT", 4)
    for number in range(6):
        resets([Sql(f"CREATE TABLE v{number} (id int)")])
    with resets.server.connect_admin() as admin:
        databases.finish_later(admin)
        rows = admin.execute(
            "SELECT datname FROM pg_database WHERE datname ~ '^lockgate_(t|s|trash)_'"
        ).fetchall()
    kept = [name for (name,) in rows if name.startswith(templates.PREFIX)]
    assert 1 <= len(kept) <= 4
    assert len([name for (name,) in rows if name.startswith(templates.SPARE)]) <= 1


def test_a_warm_reset_of_three_hundred_migrations_is_quick(resets) -> None:
    layers = [Sql(f"CREATE TABLE t{n} (id int PRIMARY KEY, name text)") for n in range(300)]
    resets(layers)
    seconds = []
    for _ in range(3):
        with resets.server.connect_admin() as admin:
            databases.finish_later(admin)
        seconds.append(templates.reset(resets.server, resets.place.folder, layers, Applier()).seconds)
    assert min(seconds) < 0.3, seconds


def test_a_reader_of_the_chain_survives_a_broken_note(resets) -> None:
    resets(tables(3))
    (resets.place.folder.root / "chain.json").write_text("not json")
    assert resets(tables(3)) == []
    assert len(json.loads((resets.place.folder.root / "chain.json").read_text())) == 4


def test_a_reset_goes_on_while_a_client_keeps_coming_back(resets) -> None:
    """An editor that reconnects by itself must not make a reset fail."""
    stop = threading.Event()

    def pester() -> None:
        while not stop.is_set():
            try:
                with psycopg.connect(resets.server.url, connect_timeout=2) as connection:
                    connection.execute("SELECT pg_sleep(0.01)")
            except psycopg.Error:
                pass

    pests = [threading.Thread(target=pester) for _ in range(2)]
    for pest in pests:
        pest.start()
    try:
        assert len(resets(tables(6))) == 6
        assert resets(tables(6)) == []
    finally:
        stop.set()
        for pest in pests:
            pest.join()
