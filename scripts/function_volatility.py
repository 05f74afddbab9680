"""Write the table of function volatilities from the ``pg_proc`` of the servers that are given.

    python scripts/function_volatility.py postgresql://…15 postgresql://…18 > src/lockgate/analysis/volatility_data.txt

Give one server of every supported version, with as many contrib extensions available as can be had: each is created in
a transaction that is rolled back. A name whose overloads differ gets the most volatile of them.
"""

from __future__ import annotations

import sys
import textwrap
from collections import defaultdict

import psycopg

ORDER = ("i", "s", "v")
WORDS = {"i": "immutable", "s": "stable", "v": "volatile"}
BUILT_IN = """
    SELECT p.proname, p.provolatile::text FROM pg_proc p
     WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'w', 'a')
       AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)
"""
OF_EXTENSIONS = """
    SELECT e.extname, p.proname, p.provolatile::text
      FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      JOIN pg_extension e ON e.oid = d.refobjid
     WHERE e.extname <> 'plpgsql' AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)
"""
SKIPPED = frozenset({"adminpack", "old_snapshot"})
PLATFORM = {
    "auth.uid": "s",
    "auth.role": "s",
    "auth.email": "s",
    "auth.jwt": "s",
}
"""Functions of hosted Supabase projects, from the definitions in its ``auth`` and ``storage`` schemas."""


def main(urls: list[str]) -> None:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for url in urls:
        read(url, found)
    for name, letter in PLATFORM.items():
        keep(found["supabase"], name, letter)
    print("# Written by scripts/function_volatility.py from pg_proc; do not edit.")
    for source in sorted(found, key=lambda name: (name != "built in", name)):
        for letter in ORDER:
            names = sorted(name for name, kind in found[source].items() if kind == letter)
            if names:
                print(f"[{source}: {WORDS[letter]}]")
                print(textwrap.fill(" ".join(names), 118, break_long_words=False, break_on_hyphens=False))


def read(url: str, found: dict[str, dict[str, str]]) -> None:
    with psycopg.connect(url) as connection:
        for name, letter in connection.execute(BUILT_IN).fetchall():
            keep(found["built in"], name, letter)
        names = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
        for (name,) in names:
            create(connection, name)
        for extension, name, letter in connection.execute(OF_EXTENSIONS).fetchall():
            keep(found[extension], name, letter)
        connection.rollback()


def create(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    if name in SKIPPED or "plpython" in name:
        return
    try:
        with connection.transaction():
            connection.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE')  # type: ignore[call-overload]
    except psycopg.Error as error:
        print(f"{name}: {error}".splitlines()[0], file=sys.stderr)


def keep(into: dict[str, str], name: str, letter: str) -> None:
    into[name] = max(into.get(name, "i"), letter, key=ORDER.index)


if __name__ == "__main__":
    main(sys.argv[1:])
