"""What comes new: columns, constraints and indexes, from the safe form that the rules know."""

from __future__ import annotations

from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

one_of_them = rotating(["required"])

SCHEMA = """\
CREATE TABLE public.teams (id bigint PRIMARY KEY);
CREATE TABLE public.users (id bigint PRIMARY KEY, value text, team bigint, CHECK (id <> 0));
CREATE INDEX users_value_idx ON public.users (value);
CREATE DOMAIN public.price AS integer;
CREATE DOMAIN public.mail AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE public.goods (id bigint PRIMARY KEY, cost public.price);
CREATE TABLE public.plain (id bigint, value text);
CREATE TABLE public.events (id bigint, team bigint, at date) PARTITION BY RANGE (id);
CREATE TABLE public.events_low PARTITION OF public.events FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
CREATE TABLE public.events_low_1 PARTITION OF public.events_low FOR VALUES FROM (0) TO (50);
CREATE TABLE public."Events High" PARTITION OF public.events FOR VALUES FROM (100) TO (200);
INSERT INTO public.teams SELECT generate_series(1, 9);
INSERT INTO public.goods SELECT n, n FROM generate_series(1, 9) n;
INSERT INTO public.plain SELECT n, n FROM generate_series(1, 9) n;
INSERT INTO public.events SELECT n, n, 'today' FROM generate_series(1, 9) n;
INSERT INTO public.events SELECT 100 + n, n, 'today' FROM generate_series(1, 9) n;
"""

APP = App(
    "INSERT INTO public.users (id, value) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value FROM public.users",
    copy="COPY public.users (id, value) FROM STDIN",
)

NOT_NULL = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = '{}'"
DISTINCT = "SELECT count(DISTINCT {0}) = count(*) FROM public.users"
VALID = "SELECT bool_and(convalidated) FROM pg_constraint WHERE conrelid = 'public.users'::regclass"
INDEXED = (
    "SELECT bool_and(indisvalid) AND count(*) = {} FROM pg_index WHERE indrelid = 'public.users'::regclass"
)
IDENTITY = "SELECT attidentity = 'a' FROM pg_attribute WHERE attname = 'n' AND attnum > 0"
NOT_NULL_EVERYWHERE = (
    "SELECT bool_and(attnotnull) AND count(*) = 4 FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
    " WHERE attname = 'team' AND relname ILIKE 'events%'"
)
PARTITIONED = (
    "SELECT bool_and(indisvalid) AND count(*) = {} FROM pg_index JOIN pg_class c ON c.oid = indrelid"
    " WHERE relname ILIKE 'events%'"
)

CHANGES = {
    "volatile default": (
        "ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",
        (NOT_NULL.format("token"), DISTINCT.format("token")),
    ),
    "serial": ("ALTER TABLE users ADD COLUMN n serial", (NOT_NULL.format("n"), DISTINCT.format("n"))),
    "constant default": (
        "ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'plain'",
        (NOT_NULL.format("kind"), "SELECT bool_and(kind = 'plain') FROM public.users"),
    ),
    "inline constraints": (
        "ALTER TABLE users ADD COLUMN t bigint REFERENCES teams (id) CHECK (t > 0) UNIQUE",
        (
            VALID,
            INDEXED.format(3),
            "SELECT count(*) = 5 FROM pg_constraint WHERE conrelid = 'public.users'::regclass AND contype <> 'n'",
        ),
    ),
    "check": ("ALTER TABLE users ADD CONSTRAINT users_team CHECK (team > 0)", (VALID,)),
    "foreign key": ("ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES teams (id)", (VALID,)),
    "unique": ("unique users (team, id)", (VALID, INDEXED.format(3))),
    "index": ("index users (team)", (INDEXED.format(3),)),
    "drop index": ("DROP INDEX users_value_idx", (INDEXED.format(1),)),
    "identity": (
        "ALTER TABLE users ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY",
        (NOT_NULL.format("n"), DISTINCT.format("n"), IDENTITY),
    ),
    "constrained domain": (
        "ALTER TABLE users ADD COLUMN m mail",
        (VALID, "SELECT count(*) = 1 FROM pg_constraint WHERE conname LIKE 'users_m%check%'"),
    ),
    "primary key": (
        "ALTER TABLE plain ADD PRIMARY KEY (id)",
        ("SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'plain_pkey' AND contype = 'p'",),
    ),
    "domain constraint": (
        "ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (VALUE > 0)",
        ("SELECT convalidated FROM pg_constraint WHERE conname = 'price_positive'",),
    ),
    "drop check": (
        "ALTER TABLE users DROP CONSTRAINT users_id_check",
        ("SELECT count(*) = 0 FROM pg_constraint WHERE conname = 'users_id_check'",),
    ),
    "drop key": (
        "ALTER TABLE goods DROP CONSTRAINT goods_pkey",
        ("SELECT count(*) = 0 FROM pg_constraint WHERE conname = 'goods_pkey'",),
    ),
    "replaced key": (
        "ALTER TABLE goods DROP CONSTRAINT goods_pkey, ADD CONSTRAINT goods_pkey UNIQUE (id, cost)",
        ("SELECT contype = 'u' FROM pg_constraint WHERE conname = 'goods_pkey'",),
    ),
    "replaced check": (
        "ALTER TABLE users DROP CONSTRAINT users_id_check, ADD CONSTRAINT users_id_check CHECK (id > -5)",
        (VALID, "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'users_id_check'"),
    ),
    "replaced index": (
        "DROP INDEX users_value_idx; CREATE INDEX users_value_idx ON users (value, team)",
        (
            INDEXED.format(2),
            "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = 'users_value_idx'::regclass",
        ),
    ),
    "reindex": ("REINDEX INDEX users_value_idx", (INDEXED.format(2),)),
    "index of partitions": ("CREATE INDEX events_team ON events (team)", (PARTITIONED.format(4),)),
    "unique index of partitions": (
        "CREATE UNIQUE INDEX events_one ON events (id, team)",
        (PARTITIONED.format(4),),
    ),
    "unique of partitions": (
        "ALTER TABLE events ADD CONSTRAINT events_one UNIQUE (id, at)",
        (PARTITIONED.format(4),),
    ),
    "primary key of partitions": (
        "ALTER TABLE events ADD CONSTRAINT events_pk PRIMARY KEY (id)",
        (PARTITIONED.format(4),),
    ),
    "foreign key of partitions": (
        "ALTER TABLE events ADD CONSTRAINT events_team FOREIGN KEY (team) REFERENCES teams",
        ("SELECT bool_and(convalidated) AND count(*) >= 4 FROM pg_constraint WHERE contype = 'f'",),
    ),
    "check of partitions": (
        "ALTER TABLE events ADD CONSTRAINT events_check CHECK (team > 0)",
        ("SELECT bool_and(convalidated) AND count(*) = 4 FROM pg_constraint WHERE conname = 'events_check'",),
    ),
    "not null of partitions": (
        "ALTER TABLE events ALTER COLUMN team SET NOT NULL",
        (NOT_NULL_EVERYWHERE,),
    ),
    "exclusion": (
        "ALTER TABLE users ADD CONSTRAINT users_apart EXCLUDE USING gist (int8range(id, id, '[]') WITH &&)",
        ("SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'users_apart' AND contype = 'x'", VALID),
    ),
    "stored": (
        "ALTER TABLE users ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED",
        ("SELECT bool_and(twice = id * 2) FROM public.users",),
    ),
    "new table and index": (
        "CREATE TABLE public.notes (id bigint PRIMARY KEY, a int); CREATE INDEX notes_a ON public.notes (a)",
        ("SELECT to_regclass('public.notes_a') IS NOT NULL",),
    ),
}


OPTIONS = {"exclusion": ("--to", "target"), "stored": ("--to", "target")}
ALWAYS = {
    "replaced check": (
        "SELECT count(*) > 0 FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'c'",
    ),
    "replaced key": ("SELECT count(*) > 0 FROM pg_index WHERE indrelid = 'goods'::regclass AND indisunique",),
    "replaced index": (
        "SELECT count(*) > 0 FROM pg_index WHERE indrelid = 'users'::regclass AND indkey[0] = 2 AND indisvalid",
    ),
}


def case_of(name: str) -> Case:
    """The walk of one addition."""
    sql, after = CHANGES[name]
    always, options = ALWAYS.get(name, ()), OPTIONS.get(name, ())
    return Case(SCHEMA, (sql,), APP, APP, 1, 99, 0, after=after, always=always, options=options)


@rotating(CHANGES)
def test_an_addition_disturbs_nobody_and_goes_away_again(tmp_path: Path, pg: Database, name: str) -> None:
    walk = Walk.begin(tmp_path, pg, case_of(name))
    walk.run()
    assert walk.reversible == len(walk.versions) - (name in OPTIONS), (
        "all but a drop of a whole table can be undone"
    )


@one_of_them
def test_a_required_column_without_a_default_gets_the_given_value(
    tmp_path: Path, pg: Database, name: str
) -> None:
    change = ("ALTER TABLE users ADD COLUMN kind text NOT NULL", "--fill", "'plain'")
    new = App(
        "INSERT INTO public.users (id, value, kind) VALUES (%(id)s, %(value)s, 'other')",
        APP.update,
        APP.read,
    )
    case = Case(SCHEMA, change, APP, new, new_from=1, old_until=0, parts=0, after=(NOT_NULL.format("kind"),))
    Walk.begin(tmp_path, pg, case).run()


@rotating(["forbidden"])
def test_a_row_that_the_constraint_forbids_stops_the_copy(tmp_path: Path, pg: Database, name: str) -> None:
    change = "ALTER TABLE users ADD CONSTRAINT users_apart EXCLUDE USING gist (int4range(length(value), 9) WITH &&)"
    walk = Walk.begin(tmp_path, pg, Case(SCHEMA, (change,), APP, APP, 1, 99, 0, options=OPTIONS["stored"]))
    walk.plan()
    walk.forth(1)
    said = walk.ok("apply", "--until", walk.versions[1], codes=(1, 6, 8))
    assert "users_apart" in said
