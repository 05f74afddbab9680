"""A server that speaks German: what it says is told apart all the same, because no word of it counts."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults.test_conditions import stopped, when_active
from tests.faults_kit import apply_of, fork_runner
from tests.projects import Sandbox, sandbox

from lockgate.local import cluster, ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer

SETTINGS = {"lc_messages": "de_DE.UTF-8", "fsync": "off"}
LOCALE = """
LC_MESSAGES
copy "de_DE"
END LC_MESSAGES
LC_CTYPE
copy "i18n_ctype"
END LC_CTYPE
LC_COLLATE
copy "POSIX"
END LC_COLLATE
"""
"""No more of the language than its messages need: all of it takes the compiler four times as long."""


@pytest.fixture(scope="module")
def german() -> Iterator[LocalServer]:
    """A server whose messages are German; skipped where the translations or the locale's sources are missing."""
    if not Path("/usr/share/locale/de/LC_MESSAGES/postgres-15.mo").exists() or not shutil.which("localedef"):
        pytest.skip("no server with German messages here")
    with (
        tempfile.TemporaryDirectory(prefix="lockgate-locales-") as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        folder, surroundings = Path(name), cluster._environment
        folder.chmod(0o755)  # The server runs as another user.
        make_locale(folder)
        patch.setattr(cluster, "_environment", lambda: {**surroundings(), "LOCPATH": name})
        with ephemeral.server(15, POSTGRES, SETTINGS) as server:
            yield server


def make_locale(folder: Path) -> None:
    (folder / "source").write_text(LOCALE)
    made = folder / "de_DE.UTF-8"
    command = ["localedef", "--quiet", "--force", "-i", str(folder / "source"), "-f", "UTF-8", str(made)]
    if subprocess.run(command, check=False, capture_output=True).returncode > 1 or not made.exists():
        pytest.skip("no German locale can be made here")


@pytest.fixture
def place(tmp_path: Path, german: LocalServer) -> Iterator[Sandbox]:
    place = sandbox(tmp_path, german.url_for("postgres"), extra="[locks]\npause = 0.05\nbudget = 20\n")
    yield place
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(
            "DROP SCHEMA lockgate CASCADE; DROP TABLE IF EXISTS c; SELECT lo_unlink(1819895668)"
        )


def test_a_time_out_is_told_from_a_cancellation(place: Sandbox) -> None:
    with when_active(place.url, "pg_sleep(7)", "SELECT pg_cancel_backend(pid) FROM found"):
        stopped(place, "SELECT pg_sleep(7);", "storniere Anfrage", "the statement was cancelled")
    stopped(place, "SET LOCAL statement_timeout = '20ms';\nSELECT pg_sleep(5);", "longer than its time-out")


def test_a_restart_is_awaited_and_a_refusal_at_the_beginning_is_passed_on(
    place: Sandbox, german: LocalServer
) -> None:
    refused = Sandbox(place.folder, german.url_for("nowhere")).to_target("apply")
    assert refused.exit_code == 1
    assert "existiert nicht" in refused.output
    assert "check what the server names" in refused.output
    place.write("20250101090000", "add_c", "CREATE TABLE c (n int);\nINSERT INTO c VALUES (1);\n")
    child = fork_runner(apply_of(place), "statement begins", 2)
    assert child.wait_until_reached()
    german.cluster.stop()
    child.go_on()
    restart = threading.Timer(0.3, lambda: german.cluster.start(SETTINGS, german.process.port))
    restart.start()
    assert child.join() == 0, (place.folder / "child.log").read_text()
    restart.join()
    with psycopg.connect(place.url) as connection:
        assert connection.execute("SELECT count(*) FROM c").fetchone() == (1,)
