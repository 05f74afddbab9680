"""What a write costs while a trigger keeps two columns in step, beside the same table without one.

Ours decides by value; the other one is what a setting of the session would need: a plain copy in one direction. Each is
measured by the server's own clock, in statements over many rows and in single-row updates, the median of some rounds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.planning.sync import Mirror
from lockgate.sql.identifiers import QualifiedName

ROWS = 100_000
USERS = QualifiedName("public", "users")
TABLE = (
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    "CREATE TABLE users (id int PRIMARY KEY, name text, title text, n int, n_new bigint) WITH (fillfactor = 50);"
)
COPIED = (
    "CREATE FUNCTION copied() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := NEW.name; RETURN NEW; END';"
    "CREATE TRIGGER copied BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION copied()"
)
RENAMED = Mirror(USERS, "name", "title")
WIDENED = Mirror(USERS, "n", "n_new", "{value}::bigint", "{value}::integer", exact=True)
AWAY = {"none": "", "copy in one direction": "", "two columns": RENAMED, "a key and its bigint": WIDENED}
INSERT = f"INSERT INTO users (id, name, n) SELECT i, 'name ' || i, i FROM generate_series(1, {ROWS}) i"
UPDATE = "UPDATE users SET name = name || '.', n = n - 1"
ONE = "UPDATE users SET name = $1, n = $2 WHERE id = $3"


@dataclass(frozen=True)
class Cost:
    """Microseconds for each row of an INSERT and an UPDATE of many, and for an UPDATE of one row and its commit."""

    insert: float
    update: float
    single: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with (
        ephemeral.server(17, POSTGRES) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        connection.execute("SET synchronous_commit = off")
        show({name: measured(connection, name, chosen.rounds) for name in AWAY})


def measured(connection: psycopg.Connection[Any], name: str, rounds: int) -> Cost:
    costs = [_round(connection, name) for _ in range(rounds)]
    return Cost(
        *(statistics.median(getattr(one, part) for one in costs) for part in Cost.__dataclass_fields__)
    )


def _round(connection: psycopg.Connection[Any], name: str) -> Cost:
    kept = AWAY[name]
    made = "; ".join(kept.create()) if isinstance(kept, Mirror) else COPIED if name.startswith("copy") else ""
    connection.execute(f"{TABLE} {made}".encode())
    insert = _microseconds(lambda: connection.execute(INSERT)) / ROWS
    connection.execute("VACUUM ANALYZE users")
    update = _microseconds(lambda: connection.execute(UPDATE)) / ROWS
    return Cost(insert, update, _microseconds(lambda: _singly(connection)) / 2000)


def _singly(connection: psycopg.Connection[Any]) -> None:
    with psycopg.RawCursor(connection) as cursor:
        for number in range(2000):
            cursor.execute(ONE, (f"other {number}", -number, number + 1), prepare=True)


def _microseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6


def show(costs: Mapping[str, Cost]) -> None:
    print(f"\n{'trigger':<24} {'insert':>12} {'update':>12} {'update of one':>15}   (microseconds a row)")
    for name, cost in costs.items():
        print(f"{name:<24} {cost.insert:>12.2f} {cost.update:>12.2f} {cost.single:>15.1f}")


if __name__ == "__main__":
    main()
