"""Keys, columns with everything on them, and indexes of partitions, exchanged while both applications write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

SHOP = """\
CREATE TABLE public.users (id serial PRIMARY KEY, value text, boss integer REFERENCES public.users
  ON UPDATE CASCADE ON DELETE SET NULL);
ALTER SEQUENCE public.users_id_seq RESTART WITH 2000000;
COMMENT ON COLUMN public.users.id IS 'who''s who';
COMMENT ON CONSTRAINT users_pkey ON public.users IS 'the key';
CREATE TABLE public.orders (
  id integer PRIMARY KEY GENERATED {identity} AS IDENTITY (START WITH 7 INCREMENT BY 3),
  buyer integer NOT NULL CONSTRAINT orders_buyer REFERENCES public.users ON DELETE CASCADE ON UPDATE CASCADE
    DEFERRABLE INITIALLY DEFERRED CHECK (buyer <> 0),
  note text, UNIQUE (buyer, id)
);
CREATE INDEX orders_by_buyer ON public.orders (buyer DESC, (note || 'x')) INCLUDE (id) WHERE buyer > 1;
CREATE TABLE public.lines (buyer int, "order" int, FOREIGN KEY (buyer, "order") REFERENCES public.orders (buyer, id));
"""

HUNG = """\
CREATE VIEW public.per_user AS SELECT u.id, u.value, count(o.id) FROM public.users u
  LEFT JOIN public.orders o ON o.buyer = u.id GROUP BY u.id;
CREATE VIEW public.busy WITH (security_barrier = true) AS SELECT * FROM public.per_user WHERE count > 1;
GRANT SELECT ON public.per_user TO pg_monitor;
COMMENT ON VIEW public.per_user IS 'how many';
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE OF id, value ON public.users
  FOR EACH ROW WHEN (OLD.id > 3) EXECUTE FUNCTION public.touch();
ALTER TABLE public.users DISABLE TRIGGER touched;
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY small ON public.users TO pg_monitor USING (id <= 10) WITH CHECK (id > 0);
COMMENT ON POLICY small ON public.users IS 'few';
CREATE STATISTICS public.together ON id, boss FROM public.users;
ALTER TABLE public.users ALTER COLUMN id SET STATISTICS 77;
GRANT SELECT (id), UPDATE (id) ON public.users TO pg_monitor;
CREATE PUBLICATION feed FOR TABLE public.users;
"""

OLD = App(
    "WITH u AS (INSERT INTO public.users (id, value, boss) VALUES (%(id)s, %(value)s, %(id)s) RETURNING id)"
    " INSERT INTO public.orders (buyer, note) SELECT id, %(value)s FROM u",
    "WITH o AS (UPDATE public.orders SET note = %(value)s WHERE buyer = %(id)s)"
    " UPDATE public.users SET value = %(value)s, boss = 1 WHERE id = %(id)s",
    "SELECT o.buyer::text, o.note FROM public.orders o JOIN public.users u ON u.id = o.buyer"
    " WHERE u.value IS NOT DISTINCT FROM o.note",
    copy="",
    also=(
        "INSERT INTO public.users (value) VALUES ('numbered')",
        "INSERT INTO public.orders (buyer) SELECT max(id) FROM public.users",
        'INSERT INTO public.lines (buyer, "order") SELECT buyer, id FROM public.orders LIMIT 3',
        "UPDATE public.users SET id = 990001 WHERE id = 171",
        "DELETE FROM public.lines",
        "DELETE FROM public.users WHERE id > 1999999",
    ),
)
BIG = "INSERT INTO public.users (id, value) VALUES (5000000000, 'big')"
NEW = replace(OLD, also=(*OLD.also, BIG))

KEY = Case(
    schema=SHOP.format(identity="BY DEFAULT") + HUNG,
    change=("change users.id to bigint",),
    options=("--to", "target"),
    old=OLD,
    new=NEW,
    new_from=6,
    old_until=7,
    parts=7,
    direct="ALTER SEQUENCE users_id_seq AS bigint;"
    "DROP VIEW busy, per_user; DROP POLICY small ON users; DROP TRIGGER touched ON users;"
    "ALTER TABLE users ALTER id TYPE bigint; ALTER TABLE orders ALTER buyer TYPE bigint;"
    "ALTER TABLE users ALTER boss TYPE bigint; ALTER TABLE lines ALTER buyer TYPE bigint;"
    + HUNG.partition("CREATE FUNCTION")[0]
    + "CREATE TRIGGER touched BEFORE UPDATE OF id, value ON users"
    " FOR EACH ROW WHEN (OLD.id > 3) EXECUTE FUNCTION touch();"
    "ALTER TABLE users DISABLE TRIGGER touched;"
    "CREATE POLICY small ON users TO pg_monitor USING (id <= 10) WITH CHECK (id > 0);"
    "COMMENT ON POLICY small ON users IS 'few';",
    after=("SELECT nextval('users_id_seq') BETWEEN 2000000 AND 2000999",),
)

IDENTITY = Case(
    schema=SHOP.format(identity="ALWAYS"),
    change=("change orders.id to bigint",),
    options=("--to", "target"),
    old=OLD,
    new=OLD,
    new_from=6,
    old_until=7,
    parts=7,
    direct='ALTER TABLE orders ALTER id TYPE bigint; ALTER TABLE lines ALTER "order" TYPE bigint;',
    after=("SELECT nextval('orders_id_seq') > (SELECT max(id) FROM orders)",),
)

COUNTS = """\
CREATE VIEW public.many AS SELECT id, amount FROM public.counts WHERE amount > 20;
CREATE VIEW public.first AS SELECT id, amount FROM public.counts_1;
CREATE INDEX counts_amount ON public.counts (amount DESC, id) WHERE amount > 0;
CREATE INDEX counts_1_own ON public.counts_1 (amount);
ALTER TABLE public.counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON public.counts USING (amount > 0);
CREATE MATERIALIZED VIEW public.held AS SELECT id, amount FROM public.counts;
CREATE INDEX held_id ON public.held (id);
GRANT SELECT ON public.held TO pg_monitor;
CREATE MATERIALIZED VIEW public.most AS SELECT max(amount) AS amount FROM public.held;
CREATE PUBLICATION feed FOR TABLE public.counts_1 (id, amount) WITH (publish = 'insert');
"""
COUNTED = "id bigint, amount integer NOT NULL DEFAULT 7 CHECK (amount <> 0)"
COUNTER = App(
    "INSERT INTO public.counts (id, amount) VALUES (%(id)s, %(value)s)",
    "UPDATE public.counts SET amount = %(value)s WHERE id = %(id)s",
    "SELECT id::text, amount::text FROM public.counts",
    also=(
        "INSERT INTO public.counts_1 (id, amount) VALUES (990, 29)",
        "UPDATE public.many SET amount = 30 WHERE id = 990",
    ),
)
PARTITIONED = Case(
    schema=f"CREATE TABLE public.counts ({COUNTED}) PARTITION BY RANGE (id);\n"
    "CREATE TABLE public.counts_1 PARTITION OF public.counts FOR VALUES FROM (0) TO (1000);\n"
    "CREATE TABLE public.counts_2 PARTITION OF public.counts DEFAULT PARTITION BY LIST (id);\n"
    f"CREATE TABLE public.counts_2a PARTITION OF public.counts_2 DEFAULT;\n{COUNTS}",
    change=("change counts.amount to bigint",),
    options=("--to", "target"),
    old=COUNTER,
    new=replace(COUNTER, also=(*COUNTER.also, "UPDATE public.counts SET amount = 5000000000 WHERE id = 990")),
    new_from=6,
    old_until=8,
    parts=8,
    values=("1", "22", "333"),
    after=(
        "SELECT pg_typeof(amount) = 'bigint'::regtype FROM public.counts_2 LIMIT 1",
        "SELECT pg_typeof(amount) = 'bigint'::regtype FROM public.most",
        "SELECT 'amount' = ANY (attnames) FROM pg_publication_tables WHERE pubname = 'feed'",
    ),
)
EVERYWHERE = (
    "WITH above AS (INSERT INTO public.counts (id, amount) SELECT %(id)s, %(value)s WHERE %(id)s %% 2 = 0)"
    " INSERT INTO public.counts_2 (id, amount) SELECT %(id)s, %(value)s WHERE %(id)s %% 2 = 1"
)
INHERITED = replace(
    PARTITIONED,
    schema=f"CREATE TABLE public.counts ({COUNTED}, PRIMARY KEY (id));\n"
    "CREATE TABLE public.counts_1 (PRIMARY KEY (id)) INHERITS (public.counts);\n"
    f"CREATE TABLE public.counts_2 (own text, PRIMARY KEY (id)) INHERITS (public.counts_1);\n{COUNTS}",
    old=replace(PARTITIONED.old, insert=EVERYWHERE),
    new=replace(PARTITIONED.new, insert=EVERYWHERE),
)

VISITS = """\
CREATE TABLE public."Visits" (id bigint, value text, note text DEFAULT '') PARTITION BY RANGE (id);
CREATE TABLE public.visits_1 PARTITION OF public."Visits" FOR VALUES FROM (0) TO (1000);
CREATE TABLE public.visits_2 PARTITION OF public."Visits" DEFAULT PARTITION BY LIST (id);
CREATE TABLE public.visits_2a PARTITION OF public.visits_2 DEFAULT;
CREATE INDEX by_value ON public."Visits" (value, id) WHERE value IS NOT NULL;
COMMENT ON INDEX public.by_value IS 'found fast';
CREATE INDEX visits_2a_value_note_idx ON public.visits_2a (note);
"""
VISITOR = App(
    'INSERT INTO public."Visits" (id, value) VALUES (%(id)s, %(value)s)',
    'UPDATE public."Visits" SET value = %(value)s WHERE id = %(id)s',
    'SELECT id::text, value FROM public."Visits"',
)
INDEXED = """SELECT bool_and(EXISTS (
  SELECT FROM pg_index JOIN pg_attribute AS a ON attrelid = indrelid AND attnum = indkey[0]
  WHERE indrelid = relid AND indisvalid AND attname = 'value'
)) FROM pg_partition_tree('public."Visits"')"""
"""At every point there is a valid index that begins with the value, on the whole and on every partition."""

INDEX = Case(
    schema=VISITS,
    change=('DROP INDEX by_value; CREATE INDEX by_value ON "Visits" (value, note)',),
    options=("--to", "target"),
    old=VISITOR,
    new=VISITOR,
    new_from=1,
    old_until=9,
    parts=2,
    direct='DROP INDEX by_value; CREATE INDEX by_value ON "Visits" (value, note)',
    always=(INDEXED,),
)
INDEX_AND_NAME = replace(
    INDEX,
    change=('DROP INDEX by_value; CREATE INDEX value_first ON "Visits" (value) INCLUDE (note)',),
    direct='DROP INDEX by_value; CREATE INDEX value_first ON "Visits" (value) INCLUDE (note)',
)

CASES = {
    "key": KEY,
    "identity": IDENTITY,
    "partitioned": PARTITIONED,
    "inherited": INHERITED,
    "index": INDEX,
    "index and name": INDEX_AND_NAME,
}


@rotating(CASES, turns=3)
def test_both_applications_work_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()
