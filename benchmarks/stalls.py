"""How long the application waits because of one ALTER TABLE: Lockgate beside ``psql`` and the Supabase CLI.

``pgbench`` reads and writes a table at a fixed rate while a report keeps it in long transactions, one after another
with a short gap between. Each contender adds columns to that table, again and again. What counts is how long any query
of ``pgbench`` took; Lockgate promises its ``lock_timeout`` and a tenth of a second.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.applying import CLI
from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer

LOCK_TIMEOUT = 0.2
TABLE = (
    "CREATE TABLE users (id int PRIMARY KEY, n int NOT NULL);"
    "INSERT INTO users SELECT i, 0 FROM generate_series(1, 10000) i"
)
READ = "\\set id random(1, 10000)\nSELECT n FROM users WHERE id = :id;\n"
WRITE = "\\set id random(1, 10000)\nUPDATE users SET n = n + 1 WHERE id = :id;\n"
SETTINGS = (
    f"[locks]\nlock_timeout = {LOCK_TIMEOUT}\nlock_timeout_max = {LOCK_TIMEOUT}\npause = 0.05\npause_max = 0.1\n"
    "tries = 400\nbudget = 300\n"
)


@dataclass
class Outcome:
    """What one contender did: its runs and attempts, and the milliseconds that each foreground query took."""

    runs: int = 0
    attempts: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def share(self, part: float) -> float:
        """A quantile of the waits."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def over(self) -> int:
        """How many queries took longer than what Lockgate promises."""
        limit = LOCK_TIMEOUT * 1000 + 100
        return sum(wait > limit for wait in self.waits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--attempts", type=int, default=200, help="how often Lockgate must have asked for the lock"
    )
    parser.add_argument("--runs", type=int, default=10, help="runs of each other contender")
    parser.add_argument("--rate", type=int, default=200, help="transactions a second")
    parser.add_argument("--report", type=float, default=2.0, help="seconds of the report's transactions")
    chosen = parser.parse_args()
    with ephemeral.server(17, POSTGRES) as server, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        results = {
            name: measure(server, Path(folder) / name.split()[0], chosen, contender)
            for name, contender in contenders().items()
        }
    show(results)


def contenders() -> dict[str, Contender]:
    """Every tool that is there, and nobody at all."""
    found: dict[str, Contender] = {"nobody": _nobody, "lockgate apply": _lockgate, "psql -f": _psql}
    if CLI.is_dir() and shutil.which("node"):
        found["supabase db push"] = _push
    return found


@dataclass(frozen=True)
class Scene:
    """Where a contender works: a project, a database, and what was asked for on the command line."""

    folder: Path
    server: LocalServer
    url: str
    chosen: argparse.Namespace

    def write(self, number: int) -> Path:
        """The next migration."""
        path = self.folder / "supabase" / "migrations" / f"20250101{number:06}_add_c{number}.sql"
        path.write_text(f"ALTER TABLE users ADD c{number} int;\n")
        return path


Contender = Callable[[Scene, Outcome], None]


def _nobody(scene: Scene, outcome: Outcome) -> None:
    time.sleep(10)


def _lockgate(scene: Scene, outcome: Outcome) -> None:
    command = [sys.executable, "-m", "lockgate", "apply", "--yes", "--json", "--project", str(scene.folder)]
    while outcome.attempts < scene.chosen.attempts:
        scene.write(outcome.runs)
        done = subprocess.run([*command, "--to", scene.url], capture_output=True, text=True, check=True)
        outcome.runs += 1
        (migration,) = json.loads(done.stdout)["migrations"]
        outcome.attempts += sum(step["attempts"] for step in migration["steps"])


def _psql(scene: Scene, outcome: Outcome) -> None:
    program = str(scene.server.cluster.installation.program("psql"))
    _again(scene, outcome, lambda path: [program, scene.url, "-q", "-f", str(path)])


def _push(scene: Scene, outcome: Outcome) -> None:
    entry = json.loads((CLI / "package.json").read_text())["bin"]["supabase"]
    url = scene.url + "?sslmode=disable"
    _again(scene, outcome, lambda path: ["node", str(CLI / entry), "db", "push", "--yes", "--db-url", url])


def _again(scene: Scene, outcome: Outcome, command: Callable[[Path], list[str]]) -> None:
    for number in range(scene.chosen.runs):
        subprocess.run(command(scene.write(number)), cwd=scene.folder, capture_output=True, check=True)
        outcome.runs += 1
        outcome.attempts += 1


def measure(server: LocalServer, folder: Path, chosen: argparse.Namespace, contender: Contender) -> Outcome:
    """Let one contender work while the application and the report do; returns what the application felt."""
    name = f"stalls_{folder.name}"
    with server.connect_admin() as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {server.flavour.owner}".encode())
    scene = Scene(folder, server, server.url_for(name), chosen)
    (folder / "supabase" / "migrations").mkdir(parents=True)
    (folder / "lockgate.toml").write_text(f'[project]\nplatform = "supabase"\n{SETTINGS}')
    (folder / "supabase" / "config.toml").write_text('project_id = "bench"\n[db]\nmajor_version = 17\n')
    with psycopg.connect(scene.url, autocommit=True) as connection:
        connection.execute(TABLE.encode())
    outcome = Outcome()
    with application(scene) as waits, report(scene.url, chosen.report):
        time.sleep(1)
        started = time.monotonic()
        contender(scene, outcome)
        outcome.seconds = time.monotonic() - started
    outcome.waits = waits
    return outcome


@contextmanager
def application(scene: Scene) -> Iterator[list[float]]:
    """``pgbench`` with four readers and writers at a fixed rate; the list is filled when it has ended."""
    for name, text in (("read", READ), ("write", WRITE)):
        (scene.folder / f"{name}.sql").write_text(text)
    log, waits = scene.folder / "wait", list[float]()
    program = shutil.which("pgbench") or str(scene.server.cluster.installation.program("pgbench"))
    command = [
        program,
        "-n",
        "-M",
        "prepared",
        "-c",
        "4",
        "-j",
        "1",
        "-R",
        str(scene.chosen.rate),
        "-T",
        "3600",
    ]
    scripts = ["-f", str(scene.folder / "read.sql@2"), "-f", str(scene.folder / "write.sql@1")]
    child = subprocess.Popen(
        [*command, *scripts, "--log", f"--log-prefix={log}", scene.url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield waits
    finally:
        # Ended by the server, pgbench writes the rest of its log; ended by a signal, it would not.
        with psycopg.connect(scene.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench'"
            )
        child.wait(30)
        for path in scene.folder.glob("wait.*"):
            for line in path.read_text().splitlines():
                words = line.split()
                if len(words) >= 7:
                    # The time from the scheduled beginning, less how late pgbench itself began.
                    waits.append((int(words[2]) - int(words[6])) / 1000)


@contextmanager
def report(url: str, seconds: float) -> Iterator[None]:
    """A session that reads the table in one long transaction after another."""
    ended = threading.Event()

    def read() -> None:
        with psycopg.connect(url, application_name="report") as connection:
            while not ended.is_set():
                connection.execute("SELECT count(*) FROM users")
                ended.wait(seconds)
                connection.commit()
                time.sleep(0.02)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def show(results: dict[str, Outcome]) -> None:
    """The table."""
    print(f"\nqueries of the application while a column is added ({LOCK_TIMEOUT * 1000:.0f} ms lock_timeout)")
    head = (
        ("runs", 5),
        ("tries", 6),
        ("took s", 7),
        ("queries", 8),
        ("p99 ms", 8),
        ("max ms", 8),
        ("> 300 ms", 9),
    )
    print(" ".join((" " * 20, *(f"{word:>{width}}" for word, width in head))))
    for name, outcome in results.items():
        each = outcome.seconds / max(1, outcome.runs)
        print(
            f"  {name:<18} {outcome.runs:5} {outcome.attempts:6} {each:7.2f} {len(outcome.waits):8,}"
            f" {outcome.share(0.99):8.1f} {outcome.share(1):8.1f} {outcome.over:9,}"
        )


if __name__ == "__main__":
    main()
