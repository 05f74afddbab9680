"""A project's server on real processes: start, find, stop, and everything that can lie in the way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from lockgate.errors import LocalServerError
from lockgate.local import flavours, guard, server
from lockgate.local import status as local_status
from lockgate.local.folder import Folder
from lockgate.local.server import Place

pytestmark = pytest.mark.server


def one(url: str, sql: str):
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchone()


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_start_find_stop_and_start_again(make_place, major) -> None:
    place = make_place(major=major)
    first = server.start(place)
    assert (first.created, first.found) == (True, False)
    assert one(
        first.server.url, "SELECT current_user, current_setting('is_superuser'), current_database()"
    ) == (
        "postgres",
        "off",
        "postgres",
    )
    again = server.start(place)
    assert (again.created, again.found) == (False, True)
    assert again.server.process == first.server.process
    with psycopg.connect(first.server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    assert server.stop(place) is True
    assert server.find(place) is None
    assert server.stop(place) is False
    resumed = server.start(place)
    assert (resumed.created, resumed.found) == (False, False)
    assert resumed.server.process.port == first.server.process.port
    assert one(resumed.server.url, "SELECT id FROM kept") == (1,)


def test_a_plain_project_gets_a_plain_database(make_place) -> None:
    running = server.start(make_place(flavour=flavours.POSTGRES)).server
    row = one(
        running.url,
        "SELECT current_setting('is_superuser'), (SELECT count(*) FROM pg_namespace WHERE nspname = 'auth'),"
        " (SELECT count(*) FROM pg_roles WHERE rolname = 'anon')",
    )
    assert row == ("on", 0, 0)


def test_the_password_is_needed_and_kept_from_others(place) -> None:
    running = server.start(place).server
    assert running.password not in repr(running)
    assert (place.folder.root / "password").stat().st_mode & 0o777 == 0o600
    wrong = running.url.replace(running.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    for role in ("supabase_admin", "authenticator"):
        assert one(running.url_for(role=role), "SELECT session_user") == (role,)


def test_it_listens_on_this_machine_only(place) -> None:
    running = server.start(place).server
    assert one(running.url, "SHOW listen_addresses") == ("127.0.0.1",)
    assert running.process.socket_dir.stat().st_mode & 0o777 == 0o700


def test_git_never_sees_the_data(place) -> None:
    server.start(place)
    project = place.folder.root.parent.parent
    subprocess.run(["git", "init", "-q", project], check=True)
    listed = subprocess.run(
        ["git", "-C", project, "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can own a folder that the server's user may not enter"
)
@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_below_a_folder_that_only_root_may_enter(make_place, short_path, major) -> None:
    short_path.chmod(0o700)
    running = server.start(make_place(major=major)).server
    entry = Path("/proc") / str(running.process.pid)
    facts = dict(
        line.split(":\t", 1) for line in (entry / "status").read_text().splitlines() if ":\t" in line
    )
    assert facts["Uid"].split()[1] != "0"
    # The right to pass through folders and read files, and no other.
    assert int(facts["CapEff"], 16) == int(facts["CapPrm"], 16) == 1 << 2
    assert one(running.url, "SELECT 1") == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has no capability to drop")
def test_no_capability_is_lent_where_none_is_needed(place) -> None:
    running = server.start(place).server
    if any(part.startswith("/root") for part in (str(running.cluster.installation.bin_dir),)):
        pytest.skip("the server's programs lie below root's home")
    status = (Path("/proc") / str(running.process.pid) / "status").read_text()
    assert "CapEff:\t0000000000000000" in status


@pytest.mark.skipif(os.geteuid() != 0, reason="the owner of a folder differs from us only for root")
def test_root_runs_it_as_the_owner_of_the_project(make_place, short_path) -> None:
    place = make_place()
    project = place.folder.root.parent.parent
    os.chown(project, 12345, 12345)
    running = server.start(place).server
    assert (Path("/proc") / str(running.process.pid)).stat().st_uid == 12345
    assert place.folder.data.stat().st_uid == 12345


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs the program unshare")
def test_the_only_user_of_a_namespace_can_run_it(short_path) -> None:
    """In such a container root can become nobody else; a second user namespace gives it an ordinary name."""
    script = (
        "import psycopg, sys\n"
        "from pathlib import Path\n"
        "from lockgate.local import flavours, server\n"
        "from lockgate.local.folder import Folder\n"
        "from lockgate.local.server import Place\n"
        "place = Place(Folder.of_project(Path(sys.argv[1])), flavours.POSTGRES, 17)\n"
        "running = server.start(place).server\n"
        "with psycopg.connect(running.url) as connection:\n"
        "    print(connection.execute('SELECT 42').fetchone()[0])\n"
        "assert server.stop(place)\n"
    )
    environment = {**os.environ, "LOCKGATE_CACHE_DIR": str(short_path / "cache")}
    done = subprocess.run(
        ["unshare", "--map-root-user", sys.executable, "-c", script, str(short_path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if "unshare:" in done.stderr:
        pytest.skip("this machine forbids user namespaces")
    assert (done.returncode, done.stdout.strip()) == (0, "42"), done.stderr


def test_a_killed_server_is_started_again_with_its_data(place) -> None:
    first = server.start(place).server
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    os.kill(first.process.pid, signal.SIGKILL)
    second = server.start(place)
    assert (second.created, second.found) == (False, False)
    assert second.server.process.pid != first.process.pid
    assert one(second.server.url, "SELECT id FROM kept") == (1,)


def test_a_pid_that_another_program_has_now_is_left_alone(place) -> None:
    first = server.start(place).server
    server.stop(place)
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        lines = [
            str(bystander.pid),
            str(place.folder.data),
            "1",
            str(first.process.port),
            "x",
            "127.0.0.1",
            "",
            "ready",
        ]
        (place.folder.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        assert server.find(place) is None
        assert server.stop(place) is False
        assert server.start(place).found is False
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_out_of_sight_is_not_disturbed(place, monkeypatch) -> None:
    """Seen from another container its process is invisible, but it still holds the lock of the data directory."""
    from lockgate.local import cluster

    running = server.start(place).server
    monkeypatch.setattr(cluster, "_ORPHAN_SECONDS", 0.2)
    pid_file = place.folder.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join(["4194303", *lines[1:]]) + "\n")
    with pytest.raises(LocalServerError, match="out of our sight"):
        server.start(place)
    pid_file.write_text("\n".join(lines) + "\n")
    assert one(running.url, "SELECT 1") == (1,)


def test_a_project_that_was_moved_takes_its_server_along(make_place, short_path) -> None:
    place = make_place("before")
    first = server.start(place).server
    (short_path / "before").rename(short_path / "after")
    moved = make_place("after")
    found = server.find(moved)
    assert found is not None
    assert found.process.pid == first.process.pid
    assert server.stop(moved) is True


def test_a_port_that_is_taken_is_passed_over(place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = server.start(replace(place, port=port)).server
    assert running.process.port != port
    assert one(running.url, "SELECT 1") == (1,)


def test_a_long_path_still_gets_a_socket(make_place) -> None:
    place = make_place("/".join(["a-rather-long-folder-name"] * 6))
    running = server.start(place).server
    assert not str(running.process.socket_dir).startswith(str(place.folder.root))
    with running.connect_admin() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_projects_do_not_meet(make_place) -> None:
    one_place, other_place = make_place("one"), make_place("other")
    mine, yours = server.start(one_place).server, server.start(other_place).server
    assert mine.process.port != yours.process.port
    assert mine.password != yours.password
    server.stop(one_place)
    assert one(yours.url, "SELECT 1") == (1,)


def test_several_starts_at_once_share_one_server(place) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lockgate.local import flavours, server\n"
        "from lockgate.local.folder import Folder\n"
        "from lockgate.local.server import Place\n"
        "print(server.start(Place(Folder(Path(sys.argv[1])), flavours.SUPABASE, 17)).server.process.pid)\n"
    )
    place.folder.prepare()
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(place.folder.root)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    outputs = [run.communicate(timeout=60)[0].strip() for run in runs]
    assert len(set(outputs)) == 1
    assert outputs[0] == str(server.start(place).server.process.pid)


def test_a_start_that_was_killed_leaves_nothing_in_the_way(place) -> None:
    unfinished = place.folder.data.with_name("data.abcd.new")
    place.folder.prepare()
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("17\n")
    with guard.exclusive(place.folder.lock, "a test"):
        pass
    assert server.start(place).created is True


def test_data_of_another_major_are_refused(make_place) -> None:
    old = make_place(major=16)
    server.start(old)
    server.stop(old)
    with pytest.raises(LocalServerError, match=r"of PostgreSQL 16, .* asks for 17") as caught:
        server.start(replace(old, major=17))
    assert "--fresh" in caught.value.next_steps[0]
    assert server.start(replace(old, major=17), fresh=True).server.major == 17


def test_data_of_another_platform_are_refused(place) -> None:
    server.start(place)
    server.stop(place)
    with pytest.raises(LocalServerError, match=r"of the platform supabase, .* asks for postgres"):
        server.start(replace(place, flavour=flavours.POSTGRES))


def test_damaged_data_are_named_and_can_be_thrown_away(place) -> None:
    server.start(place)
    server.stop(place)
    (place.folder.data / "global" / "pg_control").unlink()
    with pytest.raises(LocalServerError, match="damaged") as caught:
        server.start(place)
    assert "--fresh" in caught.value.next_steps[0]
    assert server.start(place, fresh=True).created is True


def test_a_server_that_cannot_start_shows_the_end_of_its_log(place) -> None:
    server.start(place)
    server.stop(place)
    (place.folder.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(LocalServerError, match="did not start") as caught:
        server.start(place)
    assert "no_such_setting" in (caught.value.why or "")
    assert caught.value.evidence == str(place.folder.log)


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a file system that nobody can write to")
def test_a_place_that_cannot_be_written_is_explained() -> None:
    with pytest.raises(LocalServerError, match="needs to write to") as caught:
        server.start(Place(Folder.of_project(Path("/sys/kernel")), flavours.SUPABASE, 17))
    assert caught.value.state == "nothing was started"


def test_status_tells_without_starting(place) -> None:
    assert local_status.read(place).server is None
    assert not place.folder.root.exists()
    running = server.start(place).server
    found = local_status.read(place)
    assert found.server is not None
    assert found.server.process == running.process
    assert running.password not in (found.url or "")
    assert found.bytes is not None
    assert found.bytes > 1_000_000
    assert found.outdated is False


def test_delete_removes_the_data_only(place) -> None:
    server.start(place)
    assert server.stop(place, delete=True) is True
    assert not place.folder.data.exists()
    assert place.folder.root.exists()


def test_a_start_from_the_cache_is_quick(make_place) -> None:
    server.stop(server.start(make_place("first")).server and make_place("first"))
    began = time.monotonic()
    server.start(make_place("second"))
    assert time.monotonic() - began < 4.0
