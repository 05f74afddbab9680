"""How long the proof of a whole history takes, beside what ``pg_dump --schema-only`` takes for the looks alone.

Writes a project of some migrations (tables, columns, triggers, policies, views, constraints, each with its rollback),
proves it, and then lets ``pg_dump`` look at the schema as often as the proof did: before and after each migration,
after its rollback and after the second run, and on each landing of the staircase. ``pg_dump`` only looks.

Then it reads a schema of 2,000 tables, compares it with what it was before a change, and lets ``pg_dump`` read it too.

    python -m benchmarks proving
    python benchmarks/proving.py --migrations 300 --jobs 2 --limit 60
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lockgate import config
from lockgate.catalog import diff
from lockgate.catalog.reading.again import see
from lockgate.catalog.reading.read import read
from lockgate.local import flavours
from lockgate.migration.files import discover
from lockgate.proving import checksums
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.history import Findings, Order
from lockgate.proving.piece import prepare
from lockgate.proving.playing import play
from lockgate.proving.rows.fill import Filler
from lockgate.proving.state import SCOPE
from lockgate.proving.workers import Job, run

LOOKS = 5
"""How often the proof looks at the schema for each migration, its landing on the staircase included."""
SAMPLE = 10
MANY_TABLES = 2_000


def step(number: int) -> tuple[str, str]:
    """One migration and its rollback; six of them make a table and what belongs to it."""
    kind, t = number % 6, number // 6
    parent = f" REFERENCES t{t - 1} (id)" if t else ""
    table = (
        f"CREATE TABLE t{t} (id bigserial PRIMARY KEY, name text NOT NULL, parent bigint{parent},"
        " kind text NOT NULL DEFAULT 'a' CHECK (kind IN ('a', 'b')), at timestamptz NOT NULL DEFAULT now());\n"
        f"CREATE INDEX t{t}_parent_idx ON t{t} (parent);"
    )
    trigger = (
        f"CREATE FUNCTION f{t}() RETURNS trigger LANGUAGE plpgsql AS\n"
        "$$ BEGIN NEW.note := coalesce(NEW.note, ''); RETURN NEW; END $$;\n"
        f"CREATE TRIGGER tr BEFORE INSERT ON t{t} FOR EACH ROW EXECUTE FUNCTION f{t}();"
    )
    constraint = (
        f"ALTER TABLE t{t} ADD CONSTRAINT n_small CHECK (n < 1000000000) NOT VALID;\n"
        f"CREATE UNIQUE INDEX t{t}_name_idx ON t{t} (name, id);"
    )
    return (
        (table, f"DROP TABLE t{t};"),
        (
            f"ALTER TABLE t{t} ADD COLUMN note text, ADD COLUMN n int NOT NULL DEFAULT 0;",
            f"ALTER TABLE t{t} DROP COLUMN note, DROP COLUMN n;",
        ),
        (
            trigger,
            f"DROP TRIGGER tr ON t{t};\nDROP FUNCTION f{t}();",
        ),
        (
            f"ALTER TABLE t{t} ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON t{t} USING (n >= 0);",
            f"DROP POLICY p ON t{t};\nALTER TABLE t{t} DISABLE ROW LEVEL SECURITY;",
        ),
        (
            f"CREATE VIEW v{t} AS SELECT id, name, note FROM t{t} WHERE n = 0;\nCOMMENT ON VIEW v{t} IS 'x';",
            f"DROP VIEW v{t};",
        ),
        (
            constraint,
            f"DROP INDEX t{t}_name_idx;\nALTER TABLE t{t} DROP CONSTRAINT n_small;",
        ),
    )[kind]


def write_project(root: Path, count: int) -> None:
    for name in ("migrations", "rollbacks"):
        (root / name).mkdir()
    (root / "lockgate.toml").write_text('[project]\nplatform = "postgres"\nmigrations = "migrations"\n')
    for number in range(count):
        hours, rest = divmod(number, 3600)
        version = f"20250101{hours:02}{rest // 60:02}{rest % 60:02}"
        forth, back = step(number)
        (root / "migrations" / f"{version}_step.sql").write_text(forth + "\n")
        (root / "rollbacks" / f"{version}_rollback.sql").write_text(back + "\n")


def prove(root: Path, major: int, jobs: int) -> tuple[float, Findings]:
    findings = Findings()
    started = time.perf_counter()
    run(Job(root, major, Order()), findings.take, workers=jobs)
    return time.perf_counter() - started, findings


def looks(ground: Ground, name: str) -> dict[str, float]:
    """Milliseconds for one look at the finished schema, by each way to look."""
    with ground.as_admin(name) as admin, ground.as_owner(name) as owner:
        seen = see(admin, SCOPE)
        owner.execute("ALTER TABLE t0 ADD COLUMN again int")
        see(admin, SCOPE, seen)
        contents = checksums.read(admin)
        return {
            "pg_dump --schema-only": best(lambda: dump(ground, name)),
            "snapshot, all of it": best(lambda: read(admin, SCOPE)),
            "snapshot, one table changed": best(lambda: see(admin, SCOPE, seen)),
            "checksums, all tables": best(lambda: checksums.read(admin)),
            "checksums, nothing changed": best(lambda: checksums.read(admin, before=contents)),
        }


def dump(ground: Ground, name: str) -> None:
    process = ground.process
    subprocess.run(
        [
            ground.cluster.installation.program("pg_dump"),
            "--schema-only",
            "--no-sync",
            f"--host={process.socket_dir}",
            f"--port={process.port}",
            f"--username={ground.flavour.superuser}",
            name,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def best(work, rounds: int = SAMPLE) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def measure_looks(root: Path, major: int) -> tuple[dict[str, float], float, int]:
    migrations = discover(config.load(root)).migrations
    with open_ground(flavours.POSTGRES, major) as ground:
        name = ground.clone()
        with ground.as_owner(name) as owner, ground.as_admin(name) as admin:
            for migration in migrations:
                play(owner, prepare(migration, ground.major).forth)
            started = time.perf_counter()
            filled = Filler().fill(admin)
            filling = time.perf_counter() - started
        return looks(ground, name), filling, len(filled)


def measure_many(major: int) -> dict[str, float]:
    """Milliseconds for a schema of many tables, each with keys, an index, a check, a comment and rights."""
    with open_ground(flavours.POSTGRES, major) as ground:
        name = ground.clone()
        with ground.as_owner(name) as owner, ground.as_admin(name) as admin:
            for number in range(MANY_TABLES):
                owner.execute(many_tables_step(number))
            before = see(admin, SCOPE)
            owner.execute("ALTER TABLE m7 ADD COLUMN again int; DROP INDEX m9_n")
            after = read(admin, SCOPE)
            return {
                "pg_dump --schema-only": best(lambda: dump(ground, name), 3),
                "snapshot, all of it": best(lambda: read(admin, SCOPE), 3),
                "snapshot, what changed": best(lambda: see(admin, SCOPE, before), 3),
                "difference of two snapshots": best(lambda: diff(before.snapshot, after), 3),
            }


def many_tables_step(number: int) -> str:
    parent = f" REFERENCES m{number - 1} (id)" if number else ""
    return (
        f"CREATE TABLE m{number} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL CHECK (n > 0),"
        f" parent bigint{parent}, note text DEFAULT 'x', at timestamptz NOT NULL DEFAULT now());\n"
        f"CREATE INDEX m{number}_n ON m{number} (n);\n"
        f"COMMENT ON COLUMN m{number}.note IS 'a note';\n"
        f"GRANT SELECT ON m{number} TO pg_monitor;"
    )


def tell(found: dict[str, float]) -> None:
    """Each way with its time, and how many times that of pg_dump it is."""
    dumping = found["pg_dump --schema-only"]
    for way, milliseconds in found.items():
        print(f"  {milliseconds:8.1f} ms   {milliseconds / dumping:6.2f} ×   {way}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--migrations", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--postgres", type=int, default=17)
    parser.add_argument("--limit", type=float, help="Fail when the proof takes more seconds.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, arguments.migrations)
        seconds, findings = prove(root, arguments.postgres, arguments.jobs)
        found, filling, tables = measure_looks(root, arguments.postgres)
    exact = sum(proof.rollback.value == "exact" for proof in findings.proofs.values())
    landings = sum(stairs.down for stairs in findings.stairs)
    count = arguments.migrations
    print(f"{count} migrations on PostgreSQL {arguments.postgres}, {arguments.jobs} workers")
    rate = f"{count / seconds:5.1f} a second"
    print(f"  proof        {seconds:6.1f} s   {rate}; {exact} exact, {landings} landings as they were")
    dumping = LOOKS * count * found["pg_dump --schema-only"] / 1000
    print(
        f"  pg_dump      {dumping:6.1f} s   {LOOKS * count} looks at the schema, one after the other, nothing else"
    )
    print(f"  rows         {filling:6.1f} s   for {tables} tables at once")
    print(f"one look at the finished schema ({count // 6 + 1} tables), best of {SAMPLE}")
    tell(found)
    print(f"a schema of {MANY_TABLES:,} tables, best of 3")
    tell(measure_many(arguments.postgres))
    if exact != count or not all(stairs.is_sound for stairs in findings.stairs):
        sys.exit("the proof does not stand")
    if arguments.limit is not None and seconds > arguments.limit:
        sys.exit(f"{seconds:.1f} s is more than {arguments.limit:.0f} s")


if __name__ == "__main__":
    main()
