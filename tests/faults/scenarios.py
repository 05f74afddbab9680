"""Every kind of step that the engine does, as a small project: a schema with rows, a migration, its rollback."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.inverse.kept_text import mark_of

SETUP = """
CREATE TABLE users (id int PRIMARY KEY, email text, age int, team int);
INSERT INTO users SELECT i, 'user' || i || '@example.org', i % 80, i % 7 FROM generate_series(1, 500) i;
CREATE INDEX users_age ON users (age);
CREATE TABLE teams (id int PRIMARY KEY);
INSERT INTO teams SELECT generate_series(0, 6);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE log (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO log SELECT i, '2024-06-01'::date + i FROM generate_series(1, 400) i;
"""


@dataclass(frozen=True)
class Scenario:
    """One kind of step: what goes forth, what goes back, and whether an old snapshot makes it wait."""

    name: str
    up: str
    down: str
    waits_for_snapshots: bool = False
    rolls_back: bool = False


SLOW = "SELECT pg_sleep(0.15);\n"
LOSING = "ALTER TABLE users DROP COLUMN email"
KEPT = "lockgate.kept_20250102090000_1_1"
KEEPING = f"""-- keep before statement 1 [{mark_of(LOSING)}]: the values of public.users.email
--| CREATE TABLE {KEPT} AS SELECT id, email FROM public.users;
ALTER TABLE users ADD COLUMN email text;
{SLOW}UPDATE users SET email = k.email FROM {KEPT} k WHERE k.id = users.id;
DROP TABLE {KEPT};
"""

SCENARIOS = (
    Scenario(
        "one transaction",
        "CREATE TABLE notes (id int PRIMARY KEY, text text);\nINSERT INTO notes VALUES (1, 'a'), (2, 'b');\n"
        f"ALTER TABLE users ADD note int REFERENCES notes;\n{SLOW}UPDATE users SET age = age + 1;\n",
        "UPDATE users SET age = age - 1;\nALTER TABLE users DROP note;\nDROP TABLE notes;\n",
    ),
    Scenario(
        "two transactions",
        f"BEGIN;\nALTER TABLE users ADD score int;\n{SLOW}COMMIT;\nBEGIN;\nINSERT INTO teams VALUES (100);\n"
        f"UPDATE users SET score = coalesce(score, 0) + 1;\n{SLOW}COMMIT;\n",
        "DELETE FROM teams WHERE id = 100;\nALTER TABLE users DROP score;\n",
    ),
    Scenario(
        "statements one by one",
        "-- lockgate: no-transaction\nINSERT INTO teams VALUES (200);\nUPDATE users SET age = age + 1;\n"
        f"{SLOW}INSERT INTO teams VALUES (201);\n",
        "DELETE FROM teams WHERE id IN (200, 201);\nUPDATE users SET age = age - 1;\n",
    ),
    Scenario(
        "create index concurrently",
        "CREATE INDEX CONCURRENTLY users_team ON users (team);\nINSERT INTO teams VALUES (300);\n",
        "DELETE FROM teams WHERE id = 300;\nDROP INDEX CONCURRENTLY users_team;\n",
        waits_for_snapshots=True,
    ),
    Scenario(
        "create unique index concurrently if not exists",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users (email);\n",
        "DROP INDEX CONCURRENTLY IF EXISTS users_email;\n",
        waits_for_snapshots=True,
    ),
    Scenario(
        "drop index concurrently",
        "DROP INDEX CONCURRENTLY users_age;\n",
        "CREATE INDEX CONCURRENTLY users_age ON users (age);\n",
        waits_for_snapshots=True,
    ),
    Scenario(
        "reindex concurrently",
        "REINDEX INDEX CONCURRENTLY users_age;\nINSERT INTO teams VALUES (400);\n",
        "DELETE FROM teams WHERE id = 400;\n",
        waits_for_snapshots=True,
    ),
    Scenario(
        "detach concurrently",
        "ALTER TABLE log DETACH PARTITION log_2024 CONCURRENTLY;\n",
        "ALTER TABLE log ATTACH PARTITION log_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n",
        waits_for_snapshots=True,
    ),
    Scenario(
        "validate",
        "BEGIN;\nALTER TABLE users ADD CONSTRAINT users_team_fkey FOREIGN KEY (team) REFERENCES teams NOT VALID;\n"
        f"{SLOW}COMMIT;\nALTER TABLE users VALIDATE CONSTRAINT users_team_fkey;\n",
        "ALTER TABLE users DROP CONSTRAINT users_team_fkey;\n",
    ),
    Scenario(
        "enum value",
        "BEGIN;\nALTER TYPE mood ADD VALUE 'fine' AFTER 'good';\nCOMMIT;\n"
        "CREATE TABLE moods AS SELECT 'fine'::mood AS mood;\n",
        "DROP TABLE moods;\n",
    ),
    Scenario(
        "backfill",
        "-- lockgate: backfill batch=60 pause=1ms key=id\nUPDATE users SET age = age + 1;\n",
        "UPDATE users SET age = age - 1;\n",
    ),
    Scenario("rows kept in a side table", f"{LOSING};\n{SLOW}", KEEPING),
    Scenario("rows back from a side table", f"{LOSING};\n", KEEPING, rolls_back=True),
    Scenario(
        "way back in one transaction",
        "CREATE TABLE notes (id int PRIMARY KEY);\nALTER TABLE users ADD note int REFERENCES notes;\n",
        f"ALTER TABLE users DROP note;\n{SLOW}DROP TABLE notes;\nUPDATE users SET age = age + 1;\n",
        rolls_back=True,
    ),
    Scenario(
        "way back with an index",
        "CREATE INDEX CONCURRENTLY users_team ON users (team);\nINSERT INTO teams VALUES (500);\n",
        "DROP INDEX CONCURRENTLY users_team;\nDELETE FROM teams WHERE id = 500;\n",
        waits_for_snapshots=True,
        rolls_back=True,
    ),
)
