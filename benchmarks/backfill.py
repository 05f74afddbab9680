"""How fast a backfill is, what it costs, and what the users of the table feel meanwhile.

Starts a server of its own (fsync on), fills one table, and runs each way to change all of its rows on a fresh copy:
once alone, for speed, WAL, growth and the share of HOT updates, and once beside a foreground load of a fixed rate, for
its latency. Figures are ratios to one big UPDATE of the same round, because machines differ and drift. On a machine
that does other things too, trust the server's processor time (CPU) more than the speed.

    python benchmarks/backfill.py                  200,000 rows
    python benchmarks/backfill.py --rows 2000000 --rounds 3
    python benchmarks/backfill.py --only one-update lockgate lockgate-ff70
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from lockgate.backfill.options import Options
from lockgate.backfill.run import run
from lockgate.chunks.job import Settings
from lockgate.local import account, binaries
from lockgate.local.cluster import Cluster

SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "off",
    "autovacuum": "off",
    "synchronous_commit": "on",
    "track_functions": "none",
}
JOB = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"
EXPRESSION = "first_name || ' ' || last_name"


@dataclass
class Figures:
    """What one run gave."""

    rows_per_second: float
    wal_mb: float
    growth: float
    hot: float
    cpu: float
    p50: float = 0.0
    p99: float = 0.0
    slowest: float = 0.0


class Bench:
    """One server and the databases on it."""

    def __init__(self, rows: int, major: int, folder: Path) -> None:
        self.rows = rows
        installation = binaries.find(major)
        who = account.choose(folder, (installation.bin_dir,))
        self.cluster = Cluster(installation, folder / "data", folder / "run", folder / "server.log", who)
        self.cluster.initialise("postgres", "--auth=trust", "--locale=C.UTF-8", "--data-checksums")
        self.process = self.cluster.start(SETTINGS)
        self.pgbench = _pgbench(installation)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.process.port}/{database}"

    def connect(self, database: str = "bench") -> psycopg.Connection:
        return psycopg.connect(self.url(database), autocommit=True)

    def fill(self) -> None:
        """One template for each fillfactor: random uuid keys, three indexes, an empty ``full_name``."""
        for fillfactor in (100, 70):
            with self.connect("postgres") as c:
                c.execute(f"CREATE DATABASE users_{fillfactor}")
            with self.connect(f"users_{fillfactor}") as c:
                c.execute(
                    "CREATE TABLE users (id uuid, first_name text, last_name text, email text, status text,"
                    " login_count int, created_at timestamptz, bio text, full_name text)"
                    f" WITH (fillfactor = {fillfactor})"
                )
                c.execute(
                    "INSERT INTO users SELECT md5(n::text)::uuid, 'first' || n, 'last' || n, "
                    "'u' || n || '@example.com',"
                    " 'active', n % 100, now() - n * interval '1 second', repeat('b', 40)"
                    f" FROM generate_series(1, {self.rows}) n"
                )
                c.execute("ALTER TABLE users ADD PRIMARY KEY (id)")
                c.execute("CREATE UNIQUE INDEX ON users (email)")
                c.execute("CREATE INDEX ON users (created_at)")
                c.execute("VACUUM (FREEZE, ANALYZE) users")

    def measure(self, way: Way, foreground: bool) -> Figures:
        with self.connect("postgres") as c:
            c.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
            c.execute(f"CREATE DATABASE bench TEMPLATE users_{way.fillfactor} STRATEGY file_copy")
            c.execute("CHECKPOINT")
        with self.connect() as c:
            c.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            c.execute("SELECT pg_prewarm('users'), pg_prewarm('users_pkey')")
            if way.setup:
                c.execute(way.setup)
            before, size = _wal(c), _size(c)
        load = self._load() if foreground else None
        started, cpu = time.perf_counter(), _cpu(self.process.pid)
        way.act(self)
        seconds = time.perf_counter() - started
        time.sleep(0.5)  # the server collects the times of the backends that have ended
        cpu = _cpu(self.process.pid) - cpu
        latencies = load() if load else []
        with self.connect() as c:
            figures = Figures(self.rows / seconds, (_wal(c) - before) / 2**20, _size(c) / size, _hot(c), cpu)
            left = c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone()[0]
        assert left == 0 or way.may_leave, f"{way.name} left {left} rows"
        if latencies:
            figures.p50, figures.p99, figures.slowest = _percentiles(latencies)
        return figures

    def idle(self, seconds: float = 8.0) -> tuple[float, float, float]:
        with self.connect("postgres") as c:
            c.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
            c.execute("CREATE DATABASE bench TEMPLATE users_100 STRATEGY file_copy")
        finish = self._load()
        time.sleep(seconds)
        return _percentiles(finish())

    def _load(self) -> Callable[[], list[float]]:
        """A foreground load of fixed rate; what it returns ends it and gives every latency in milliseconds."""
        folder = Path(tempfile.mkdtemp(prefix="pgbench"))
        script = folder / "load.sql"
        script.write_text(
            f"\\set n random(1, {self.rows})\n"
            "SELECT email FROM users WHERE id = md5((:n)::text)::uuid;\n"
            "UPDATE users SET login_count = login_count + 1 WHERE id = md5((:n)::text)::uuid;\n"
        )
        process = subprocess.Popen(
            [
                self.pgbench,
                "-n",
                "-M",
                "prepared",
                "-c",
                "4",
                "-j",
                "1",
                "-R",
                "150",
                "-T",
                "3600",
                "-f",
                str(script),
                "--log",
                "--log-prefix",
                str(folder / "log"),
                self.url("bench"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        time.sleep(1.5)
        begun = time.time()

        def finish() -> list[float]:
            time.sleep(2.0)  # whoever still waits behind the last chunk is counted too
            process.send_signal(signal.SIGALRM)  # as at the end of -T: it ends in order and writes its log
            process.wait(60)
            lines = [line.split() for path in folder.glob("log*") for line in path.read_text().splitlines()]
            shutil.rmtree(folder, ignore_errors=True)
            # client, transaction, microseconds, script, epoch, microseconds, schedule lag
            return [int(f[2]) / 1000 for f in lines if len(f) >= 6 and f[2].isdigit() and int(f[4]) >= begun]

        return finish


@dataclass
class Way:
    """One way to change all rows."""

    name: str
    act: Callable[[Bench], None]
    fillfactor: int = 100
    setup: str = ""
    may_leave: bool = False


def one_update(bench: Bench) -> None:
    with bench.connect() as c:
        c.execute(JOB)


def naive(bench: Bench, size: int = 1000) -> None:
    """Client-side keyset batches of a fixed size, as most tools run them."""
    last = None
    with bench.connect() as c:
        while True:
            row = c.execute(
                "WITH b AS (SELECT id FROM users WHERE (%(last)s::uuid IS NULL OR id > %(last)s::uuid)"
                " AND full_name IS NULL"
                " ORDER BY id LIMIT %(size)s), u AS (UPDATE users SET full_name = first_name || ' ' || last_name FROM b"
                " WHERE users.id = b.id RETURNING users.id) SELECT max(id::text), count(*) FROM u",
                {"last": last, "size": size},
            ).fetchone()
            if not row[1]:
                return
            last = row[0]


def touch(bench: Bench) -> None:
    """pgroll's way: a trigger computes, the backfill touches each row."""
    last = None
    with bench.connect() as c:
        while True:
            row = c.execute(
                "WITH b AS (SELECT id FROM users WHERE (%(last)s::uuid IS NULL OR id > %(last)s::uuid)"
                " ORDER BY id LIMIT 1000 FOR NO KEY UPDATE), u AS (UPDATE users SET id = users.id FROM b"
                " WHERE users.id = b.id RETURNING users.id) SELECT max(id::text), count(*) FROM u",
                {"last": last},
            ).fetchone()
            if not row[1]:
                return
            last = row[0]


TOUCH_SETUP = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.full_name := NEW.first_name || ' ' || NEW.last_name; RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fill();
"""

GUIDE_SETUP = """
CREATE PROCEDURE guide() LANGUAGE plpgsql AS $$
DECLARE last_id uuid; batch uuid[];
BEGIN
  LOOP
    SELECT array_agg(id ORDER BY id) INTO batch FROM (
      SELECT id FROM users WHERE (last_id IS NULL OR id > last_id) AND full_name IS NULL ORDER BY id LIMIT 1000) b;
    EXIT WHEN batch IS NULL;
    UPDATE users SET full_name = first_name || ' ' || last_name WHERE id = ANY (batch);
    last_id := batch[array_upper(batch, 1)];
    COMMIT;
  END LOOP;
END $$;
"""


def guide(bench: Bench) -> None:
    with bench.connect() as c:
        c.execute("CALL guide()")


def lockgate(workers: int = 1, walker: str | None = None, **settings: object) -> Callable[[Bench], None]:
    def act(bench: Bench) -> None:
        options = Options(settings=Settings(**settings), workers=workers, walker=walker)
        run(bench.connect, JOB, options)

    return act


WAYS = (
    Way("one-update", one_update),
    Way("guide-repaired", guide, setup=GUIDE_SETUP),
    Way("naive-1k", naive),
    Way("touch-by-trigger", touch, setup=TOUCH_SETUP),
    Way("lockgate", lockgate()),
    Way("lockgate-x2", lockgate(2)),
    Way("lockgate-keyset", lockgate(walker="keyset")),
    Way("lockgate-20ms", lockgate(target_ms=20)),
    Way("lockgate-ff70", lockgate(), fillfactor=70),
)


def _pgbench(installation: binaries.Installation) -> str:
    own = installation.bin_dir / "pgbench"
    return str(own) if own.exists() else shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"


def _cpu(postmaster: int) -> float:
    """Seconds of processor time that a server has used, with its backends that live and those that have ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == str(postmaster):
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == str(postmaster):
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _wal(c: psycopg.Connection) -> float:
    return float(c.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()[0])


def _size(c: psycopg.Connection) -> float:
    return float(c.execute("SELECT pg_relation_size('users')").fetchone()[0])


def _hot(c: psycopg.Connection) -> float:
    time.sleep(1.5)  # the statistics of the other backends arrive about once a second
    row = c.execute(
        "SELECT n_tup_hot_upd::float / greatest(n_tup_upd, 1) FROM pg_stat_user_tables WHERE relname = 'users'"
    ).fetchone()
    return float(row[0])


def _percentiles(latencies: list[float]) -> tuple[float, float, float]:
    ordered = sorted(latencies)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1]


def _median(values: list[Figures], name: str) -> float:
    return statistics.median(getattr(value, name) for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--postgres", type=int, default=17)
    parser.add_argument("--only", nargs="*", choices=[way.name for way in WAYS])
    parser.add_argument("--no-foreground", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lockgate-bench-"))
    folder.chmod(0o755)
    bench = Bench(arguments.rows, arguments.postgres, folder)
    try:
        report(bench, arguments)
    finally:
        bench.cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def report(bench: Bench, arguments: argparse.Namespace) -> None:
    bench.fill()
    ways = [way for way in WAYS if not arguments.only or way.name in arguments.only]
    results: dict[str, list[Figures]] = {way.name: [] for way in ways}
    ratios: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(arguments.rounds):
        base = None
        for way in ways:
            figures = bench.measure(way, foreground=False)
            base = base or figures
            ratios[way.name].append(figures.rows_per_second / base.rows_per_second)
            if not arguments.no_foreground:
                loaded = bench.measure(way, foreground=True)
                figures.p50, figures.p99, figures.slowest = loaded.p50, loaded.p99, loaded.slowest
            results[way.name].append(figures)
            print(f"  {way.name}: {figures}", flush=True)
    table(bench, ways, results, ratios, arguments)


def table(bench, ways, results, ratios, arguments) -> None:
    base = results[ways[0].name]
    print(f"\n{bench.rows:,} rows, PostgreSQL {arguments.postgres}, {arguments.rounds} rounds, medians")
    print(
        f"{'way':<18} {'speed':>6} {'rows/s':>8} {'WAL':>6} {'growth':>7} {'HOT':>5} {'CPU':>6}"
        f" {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}"
    )
    if not arguments.no_foreground:
        p50, p99, slowest = bench.idle()
        print(
            f"{'(no backfill)':<18} {'':>6} {'':>8} {'':>6} {'':>7} {'':>5} {'':>6}"
            f" {p50:8.2f} {p99:8.1f} {slowest:8.1f}"
        )
    for way in ways:
        got = results[way.name]
        print(
            f"{way.name:<18} {statistics.median(ratios[way.name]):5.2f}x {_median(got, 'rows_per_second'):8.0f}"
            f" {_median(got, 'wal_mb') / _median(base, 'wal_mb'):5.2f}x"
            f" {_median(got, 'growth'):6.2f}x {_median(got, 'hot'):5.0%}"
            f" {_median(got, 'cpu') / _median(base, 'cpu'):5.2f}x"
            f" {_median(got, 'p50'):8.2f} {_median(got, 'p99'):8.1f} {_median(got, 'slowest'):8.1f}"
        )
    print(
        f"memory of this process, with all workers: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    if arguments.json:
        document = {name: [vars(f) for f in figures] for name, figures in results.items()}
        arguments.json.write_text(json.dumps(document, indent=2))


if __name__ == "__main__":
    threading.current_thread().name = "benchmark"
    main()
