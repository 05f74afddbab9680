"""``apply`` of many small migrations beside ``psql`` and the Supabase CLI; ``status`` on thousands of applied ones.

``psql -f`` is run once for each file, as a script of migrations does it, and once for all of them, which no tool that
keeps a history can reach: nothing but the statements goes to the server. ``status`` stands beside a Python that does
nothing but connect. The goals: at most 1.2 times ``psql -f``, quicker than ``supabase db push``, ``status`` in 300 ms.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks.whole import Contender, race, table
from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
MIGRATION = """CREATE TABLE t{n} (id int PRIMARY KEY, name text NOT NULL);
CREATE INDEX t{n}_name ON t{n} (name);
ALTER TABLE t{n} ADD COLUMN note text;
COMMENT ON TABLE t{n} IS 'number {n}';
"""
CONNECT = "import sys, psycopg; psycopg.connect(sys.argv[1]).close()"
"""What any Python program that asks a server something does first: ``status`` cannot be quicker."""

CLI = Path(__file__).parent.parent / "tests" / "supabase_cli" / "node_modules" / "supabase-cli-3"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--migrations", type=int, default=300)
    parser.add_argument("--applied", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with ephemeral.server(17, POSTGRES, DURABLE) as server, tempfile.TemporaryDirectory() as folder:
        compare_apply(server, Path(folder) / "small", chosen.migrations, chosen.rounds)
        time_status(server, Path(folder) / "large", chosen.applied, chosen.rounds)


def make(folder: Path, count: int) -> None:
    """A project of many small migrations, in both tools' layout."""
    migrations = folder / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    for number in range(count):
        name = f"2025{1 + number // 2400 % 12:02}01{number // 3600 % 24:02}{number // 60 % 60:02}{number % 60:02}"
        (migrations / f"{name}_create_t{number}.sql").write_text(MIGRATION.format(n=number))
    (folder / "lockgate.toml").write_text('[project]\nplatform = "supabase"\nnaming = "supabase"\n')
    (folder / "supabase" / "config.toml").write_text('project_id = "bench"\n[db]\nmajor_version = 17\n')


def fresh(server: LocalServer, name: str) -> None:
    """An empty database of that name."""
    with server.connect_admin() as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} OWNER {server.flavour.owner}")


def compare_apply(server: LocalServer, folder: Path, count: int, rounds: int) -> None:
    make(folder, count)
    everything = folder / "all.sql"
    files = sorted((folder / "supabase" / "migrations").glob("*.sql"))
    everything.write_text("".join(f"\\i {file}\n" for file in files))
    psql = str(server.cluster.installation.program("psql"))
    lockgate = [sys.executable, "-m", "lockgate", "apply", "--yes", "--project", str(folder)]
    each = folder / "each.sh"
    each.write_text(
        "".join(f"{psql} '{server.url_for('b_each')}' -q -f '{file}' || exit 1\n" for file in files)
    )
    contenders = [
        Contender("psql -f, one run each", ["sh", str(each)], lambda: fresh(server, "b_each")),
        Contender(
            "psql -f, one for all",
            [psql, server.url_for("b_psql"), "-q", "-f", str(everything)],
            lambda: fresh(server, "b_psql"),
        ),
        Contender(
            "lockgate apply", [*lockgate, "--to", server.url_for("b_ours")], lambda: fresh(server, "b_ours")
        ),
    ]
    if CLI.is_dir() and shutil.which("node"):
        entry = json.loads((CLI / "package.json").read_text())["bin"]["supabase"]
        url = server.url_for("b_supabase") + "?sslmode=disable"
        push = ["node", str(CLI / entry), "db", "push", "--yes", "--db-url", url]
        quiet = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
        contenders.append(
            Contender(
                "supabase db push",
                push,
                lambda: fresh(server, "b_supabase"),
                environment=quiet,
                folder=str(folder),
            )
        )
    table(f"{count} small migrations, durable server", race(contenders, rounds), "psql -f, one run each")


def time_status(server: LocalServer, folder: Path, count: int, rounds: int) -> None:
    make(folder, count)
    fresh(server, "b_status")
    url = server.url_for("b_status")
    lockgate = [sys.executable, "-m", "lockgate"]
    place = ["--project", str(folder), "--to", url]
    race([Contender("baseline", [*lockgate, "baseline", "--yes", *place])], 0)
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM supabase_migrations.schema_migrations").fetchone()
    contenders = [
        Contender("python -c pass", [sys.executable, "-c", "pass"]),
        Contender("python, psycopg, connect", [sys.executable, "-c", CONNECT, url]),
        Contender("lockgate status", [*lockgate, "status", "--json", *place]),
    ]
    results = race(contenders, rounds)
    table(f"status of {row[0] if row else 0:,} applied migrations", results, "python, psycopg, connect")


if __name__ == "__main__":
    main()
