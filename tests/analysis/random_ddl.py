"""Random statements over a handful of names: most of them fit together, and the server says which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

TABLES = ("t", "u", "v", "w")
PARTS = ("p", "p1", "p2", "p3", "p4")
COLUMNS = ("a", "b", "c", "d")
TYPES = ("int", "bigint", "text", "varchar(10)", "numeric(8, 2)", "mood", "word", "int[]", "date")
NAMES = ("one", "two", "three")


def statements(seed: int, count: int) -> Iterator[str]:
    """So many statements, the same ones for the same seed."""
    random = Random(seed)
    yield from START
    for _ in range(count):
        yield random.choice(MAKERS)(random)


START = (
    "CREATE TYPE mood AS ENUM ('sad', 'happy')",
    "CREATE DOMAIN word AS text CHECK (VALUE <> '')",
    "CREATE TYPE pair AS (a int, b text)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TABLE t (a int PRIMARY KEY, b text, c bigint UNIQUE)",
    "CREATE TABLE p (a int NOT NULL, b text, c bigint) PARTITION BY RANGE (a)",
)


def _table(random: Random) -> str:
    return random.choice((*TABLES, *PARTS))


def _create(random: Random) -> str:
    parts = [
        f"{column} {random.choice(TYPES)}{random.choice(INLINE)}"
        for column in COLUMNS[: random.randint(1, 4)]
    ]
    parts += random.sample(BEHIND, random.randint(0, 2))
    return f"CREATE TABLE {random.choice(TABLES)} ({', '.join(parts)})"


INLINE = ("", "", "", " NOT NULL", " UNIQUE", " PRIMARY KEY", " DEFAULT NULL", " CHECK (a IS NOT NULL)")
BEHIND = (
    "UNIQUE (a, b)",
    "CHECK (b IS NOT NULL)",
    "FOREIGN KEY (a) REFERENCES t",
    "EXCLUDE USING btree (a WITH =)",
)


def _create_like(random: Random) -> str:
    options = random.choice(
        ("INCLUDING ALL", "INCLUDING DEFAULTS INCLUDING INDEXES", "INCLUDING CONSTRAINTS", "")
    )
    return f"CREATE TABLE {random.choice(TABLES + PARTS[1:])} (LIKE {_table(random)} {options})"


def _create_of(random: Random) -> str:
    return f"CREATE TABLE {random.choice(TABLES)} OF pair ({random.choice(('a WITH OPTIONS NOT NULL', 'UNIQUE (b)'))})"


def _inherit(random: Random) -> str:
    return f"CREATE TABLE {random.choice(TABLES)} (d int) INHERITS ({random.choice(TABLES)})"


def _bound(random: Random) -> str:
    low = random.randrange(0, 50, 10)
    return random.choice((f"FOR VALUES FROM ({low}) TO ({low + 10})", "DEFAULT"))


def _partition(random: Random) -> str:
    below = random.choice(("", "", " PARTITION BY RANGE (a)"))
    return (
        f"CREATE TABLE {random.choice(PARTS[1:])} PARTITION OF {random.choice(PARTS)} {_bound(random)}{below}"
    )


def _attach(random: Random) -> str:
    child = random.choice((*TABLES, *PARTS[1:]))
    return f"ALTER TABLE {random.choice(PARTS)} ATTACH PARTITION {child} {_bound(random)}"


def _detach(random: Random) -> str:
    return f"ALTER TABLE {random.choice(PARTS)} DETACH PARTITION {random.choice(PARTS[1:])}"


def _column(random: Random) -> str:
    column = random.choice(COLUMNS)
    return f"ALTER TABLE {_table(random)} " + random.choice(
        (
            f"ADD COLUMN {column} {random.choice(TYPES)}{random.choice(INLINE[:5])}",
            f"DROP COLUMN {column} CASCADE",
            f"RENAME COLUMN {column} TO {random.choice(COLUMNS)}",
            f"ALTER COLUMN {column} SET NOT NULL",
            f"ALTER COLUMN {column} DROP NOT NULL",
            f"ALTER COLUMN {column} TYPE text",
        )
    )


def _constraint(random: Random) -> str:
    column, name = random.choice(COLUMNS), random.choice(NAMES)
    return f"ALTER TABLE {_table(random)} " + random.choice(
        (
            f"ADD CHECK ({column} IS NOT NULL) NOT VALID",
            f"ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL)",
            f"ADD UNIQUE ({column}) INCLUDE ({random.choice(COLUMNS)})",
            f"ADD UNIQUE ({column}, a)",
            f"ADD PRIMARY KEY ({column})",
            f"ADD FOREIGN KEY ({column}) REFERENCES t ON DELETE CASCADE",
            f"ADD EXCLUDE USING btree ({column} WITH =) WHERE ({column} IS NOT NULL)",
            f"VALIDATE CONSTRAINT {name}",
            f"DROP CONSTRAINT {name}",
            f"RENAME CONSTRAINT {name} TO {random.choice(NAMES)}",
        )
    )


def _index(random: Random) -> str:
    unique, only = random.choice(("", "", "UNIQUE ")), random.choice(("", "", "ONLY "))
    keys = random.choice(("a", "b, a", "(b || 'x')", "lower(b), c", "a) INCLUDE (b", "coalesce(a, 0)"))
    where = random.choice(("", "", " WHERE a IS NOT NULL"))
    return f"CREATE {unique}INDEX ON {only}{_table(random)} ({keys}){where}"


def _trigger(random: Random) -> str:
    name, each = random.choice(NAMES), random.choice(("ROW", "STATEMENT"))
    return random.choice(
        (
            f"CREATE TRIGGER {name} AFTER UPDATE ON {_table(random)} FOR EACH {each} EXECUTE FUNCTION touch()",
            f"DROP TRIGGER {name} ON {_table(random)}",
            f"ALTER TRIGGER {name} ON {_table(random)} RENAME TO {random.choice(NAMES)}",
        )
    )


def _whole(random: Random) -> str:
    table = _table(random)
    return random.choice(
        (
            f"DROP TABLE {table} CASCADE",
            f"ALTER TABLE {table} RENAME TO {random.choice(TABLES)}",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {random.choice(NAMES)} ON {table} FOR SELECT USING (true)",
            f"DROP POLICY {random.choice(NAMES)} ON {table}",
            f"CREATE VIEW {random.choice(('x', 'y'))} AS SELECT * FROM {table}",
            "DROP VIEW x",
        )
    )


MAKERS: tuple[Callable[[Random], str], ...] = (
    _create,
    _create_like,
    _create_of,
    _inherit,
    _partition,
    _partition,
    _attach,
    _attach,
    _detach,
    _column,
    _column,
    _constraint,
    _constraint,
    _index,
    _index,
    _trigger,
    _whole,
)
