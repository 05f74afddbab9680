"""``make bench``: every benchmark in turn, or those that are named."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ORDER = ("linting", "applying", "stalls", "proving", "backfill", "syncing")


def main() -> None:
    there = [name for name in ORDER if (Path(__file__).parent / f"{name}.py").exists()]
    wanted = sys.argv[1:] or there
    for name in wanted:
        if name not in there:
            sys.exit(f"there is no benchmark {name!r}; there are: {', '.join(there)}")
    for name in wanted:
        sys.argv = [f"benchmarks.{name}"]
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
