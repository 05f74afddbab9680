"""Measure every statement form on every server version, and write the measurements and the reference page.

    python scripts/measure_locks.py            measure, then write tests/locks/measured.json and docs/reference/locks.md
    python scripts/measure_locks.py --page     write only the page, from the stored measurements

Needs PostgreSQL 15, 16, 17 and 18 (``lockgate.local`` finds them). Takes about a minute.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.locks import measurements, page
from tests.locks.forms import MAJORS
from tests.locks.paths import MEASURED, PAGE
from tests.locks.servers import measure_all
from tests.servers import PLAIN, SessionServer


def main(arguments: list[str]) -> None:
    if "--page" not in arguments:
        with ThreadPoolExecutor(2) as pool:
            results = dict(zip(MAJORS, pool.map(of_server, MAJORS), strict=True))
        measurements.save(measurements.group(results))
        print(f"wrote {MEASURED}")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page.render(measurements.load()), "utf-8")
    print(f"wrote {PAGE}")


def of_server(major: int) -> dict[str, measurements.Json]:
    server = SessionServer(major, PLAIN)
    try:
        return {**measure_all(server, "empty"), **measure_all(server, "rows")}
    finally:
        server.close()


if __name__ == "__main__":
    main(sys.argv[1:])
