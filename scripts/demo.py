"""The main job on a realistic project: `make demo`.

Starts the embedded server, applies the example's history, fills it with rows (two million with ``--users 200000``),
shows what is wrong with an unsafe change, proves that a safe one can be taken back, makes it while the application
works, and takes it back while the application works.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
PROJECT = Path(os.environ.get("LOCKGATE_DEMO") or ROOT / "build" / "demo") / "valuecanvas"
LOCKGATE = [sys.executable, "-m", "lockgate"]
BEFORE = "20251201_140000"
"""The version before the change that the demo makes."""
CHANGE = ("20251201_140001", "20251201_140002", "20251202_090000", "20251203_090000")
"""The phases of that change up to its gate."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=50_000, help="how many users to make (default: 50,000)")
    options.add_argument("--rate", type=float, default=100.0, help="operations of the application per second")
    chosen = options.parse_args()
    began = time.monotonic()

    chapter("A copy of the example project, and a real PostgreSQL for it")
    prepare()
    lockgate("local", "start")
    lockgate("apply", "--until", BEFORE, "--yes")

    chapter(f"{chosen.users:,} users and about ten times as many rows")
    url = output("local", "url").strip()
    seeded = module("seed").seed(url, users=chosen.users, progress=lambda table, rows, seconds: None)
    print(f"{seeded.total:,} rows in {seeded.seconds:.0f} s")

    chapter("A change that looks harmless: users.email becomes NOT NULL")
    unsafe = "unsafe/require_email.sql"
    print((PROJECT / unsafe).read_text().rstrip())
    lockgate("check", unsafe, expect=(0, 3))

    chapter("A safe change, users.full_name in phases: is every way back a way back?")
    lockgate("test", *CHANGE)

    chapter("The same change while the application works")
    load = module("load")
    with load.Load(url, rate=chosen.rate, workers=8) as traffic:
        time.sleep(3)
        quiet = traffic.elapsed
        lockgate("apply", "--yes", expect=(0, 8))
        changed = traffic.elapsed
        print("\nThe application, before:  ", traffic.report(until=quiet))
        print("The application, meanwhile:", traffic.report(since=quiet, until=changed))

        chapter("And back again, still under load")
        undone = traffic.elapsed
        lockgate("rollback", "to", BEFORE, "--yes")
        time.sleep(1)
        print("\nThe application, meanwhile:", traffic.report(since=undone))

    chapter("Where everything is")
    lockgate("status")
    print(f"\nThe demo took {time.monotonic() - began:.0f} s. It stays for you to play with:\n")
    print(f"  cd {os.path.relpath(PROJECT)}")
    print("  lockgate history            every run and its steps")
    print("  lockgate local psql         look into the database")
    print("  lockgate local stop         end the server")
    return 0


def prepare() -> None:
    if (PROJECT / ".lockgate").is_dir():
        lockgate("local", "stop", expect=(0, 1))
    shutil.rmtree(PROJECT, ignore_errors=True)
    shutil.copytree(ROOT / "examples" / "valuecanvas", PROJECT)


def chapter(title: str) -> None:
    print(f"\n\n── {title} " + "─" * max(0, 96 - len(title)), flush=True)


def lockgate(*words: str, expect: tuple[int, ...] = (0,)) -> None:
    print(f"\n$ lockgate {' '.join(words)}", flush=True)
    code = subprocess.run([*LOCKGATE, *words], cwd=PROJECT, check=False).returncode
    if code not in expect:
        sys.exit(f"lockgate {words[0]} ended with exit code {code}; the demo stops here")


def output(*words: str) -> str:
    return subprocess.run([*LOCKGATE, *words], cwd=PROJECT, check=True, capture_output=True, text=True).stdout


def module(name: str) -> ModuleType:
    """One of the example's own modules, which lie beside its migrations."""
    spec = importlib.util.spec_from_file_location(f"valuecanvas_{name}", PROJECT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


if __name__ == "__main__":
    sys.exit(main())
