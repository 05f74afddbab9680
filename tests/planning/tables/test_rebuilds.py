"""Tables that are written anew, whole or in partitions, while both applications write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.projects import sandbox
from tests.sampling import falls_to
from tests.servers import Database

PLAIN = """\
CREATE TABLE public.kinds (id int PRIMARY KEY);
INSERT INTO public.kinds VALUES (1);
CREATE TABLE public.visits (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  serial_no bigserial,
  value text CHECK (value <> 'never'),
  kind int NOT NULL DEFAULT 1 REFERENCES public.kinds (id),
  twice text GENERATED ALWAYS AS (value || value) STORED,
  at date NOT NULL DEFAULT '2026-05-05',
  CONSTRAINT visits_once UNIQUE (id, serial_no)
);
COMMENT ON TABLE public.visits IS 'who was here';
COMMENT ON COLUMN public.visits.value IS 'what was said';
CREATE INDEX visits_value ON public.visits (value) WHERE value IS NOT NULL;
CREATE UNIQUE INDEX visits_serial ON public.visits (serial_no, id);
GRANT SELECT ON public.visits TO pg_monitor;
GRANT UPDATE (value) ON public.visits TO pg_monitor;
ALTER TABLE public.visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.visits TO pg_monitor USING (id < 10);
CREATE TABLE public.heard (id bigint);
CREATE FUNCTION public.hear() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS
$$ BEGIN INSERT INTO public.heard VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER hear AFTER INSERT ON public.visits FOR EACH ROW EXECUTE FUNCTION public.hear();
CREATE PUBLICATION news FOR TABLE public.visits;
"""
APP = App(
    "INSERT INTO public.visits (id, value) OVERRIDING SYSTEM VALUE VALUES (%(id)s, %(value)s)",
    "UPDATE public.visits SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value FROM public.visits",
    also=("SELECT * FROM public.visits FOR UPDATE LIMIT 1", "DELETE FROM public.visits WHERE id = -1"),
)
ANEW = Case(schema=PLAIN, change=("VACUUM FULL visits",), old=APP, new=APP, new_from=1, old_until=9, parts=5)
ALONE = PLAIN.replace(" REFERENCES public.kinds (id)", "")
PARTED = ALONE.replace(", serial_no)", ", serial_no, at)").replace("(serial_no, id)", "(serial_no, id, at)")
NAMED = (Path(__file__).parent / "named.sql").read_text()
REPLICA = "(SELECT (current_setting('session_replication_role') = 'replica')::int AS replica) AS r"
WRITTEN_BEFORE = (  # The row that refers comes before the one that it refers to.
    "WITH v AS (INSERT INTO public.visits (id) OVERRIDING SYSTEM VALUE VALUES (950003))"
    " INSERT INTO public.notes VALUES (950003, 950003)"
)
REFERRING = replace(
    APP,
    also=(
        *APP.also,
        "INSERT INTO public.visits (id, earlier) OVERRIDING SYSTEM VALUE VALUES (950001, 950002), (950002, NULL)",
        WRITTEN_BEFORE,
        "INSERT INTO public.orders VALUES (950002, 950002), (950003, 950003)",
        "INSERT INTO public.notes VALUES (950002, 950002)",
        "DELETE FROM public.orders WHERE id = 950003",
        "SELECT setval(pg_get_serial_sequence('public.visits', 'id'), 960000)",
        "UPDATE public.visits SET id = DEFAULT WHERE id = 950003",
        "DELETE FROM public.visits WHERE id = 950002",
        "SET CONSTRAINTS ALL IMMEDIATE",
        # A key does nothing for a session that replicates.
        f"SELECT 1 / (max(replica) + count(*) - count(visit)) FROM public.notes, {REPLICA} WHERE id = 950002",
        f"SELECT 1 / (1 - count(*) FILTER (WHERE replica = 0)) FROM public.orders, {REPLICA}",
    ),
)
LENT = """\
CREATE TABLE public."Lent Things" (
  "Id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  amount integer DEFAULT 7 CONSTRAINT never_none CHECK (amount <> 0),
  double integer GENERATED ALWAYS AS (amount * 2) STORED CONSTRAINT even CHECK (double % 2 = 0),
  noted text NOT NULL DEFAULT '',
  EXCLUDE (amount WITH =) WHERE (noted = 'once')
);
COMMENT ON COLUMN public."Lent Things".double IS 'twice';
COMMENT ON CONSTRAINT even ON public."Lent Things" IS 'always';
CREATE INDEX lent_double ON public."Lent Things" (double);
CREATE VIEW public.lent AS SELECT "Id", amount, double FROM public."Lent Things";
CREATE VIEW public.lent_much WITH (security_barrier = true) AS SELECT * FROM public.lent WHERE amount > 20;
GRANT SELECT ON public.lent_much TO pg_monitor;
COMMENT ON VIEW public.lent IS 'who has what';
GRANT SELECT (double), UPDATE (amount) ON public."Lent Things" TO pg_monitor;
ALTER TABLE public."Lent Things" ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON public."Lent Things" TO pg_monitor USING (amount > 0 AND double > 0);
CREATE TABLE public.returns (id bigint PRIMARY KEY, thing bigint REFERENCES public."Lent Things" ON DELETE CASCADE);
"""
LENDER = App(
    'INSERT INTO public."Lent Things" ("Id", amount) OVERRIDING SYSTEM VALUE VALUES (%(id)s, %(value)s)',
    'UPDATE public."Lent Things" SET amount = %(value)s WHERE "Id" = %(id)s',
    'SELECT "Id"::text, amount::text FROM public.lent WHERE double IS NOT DISTINCT FROM amount * 2',
    also=("SELECT count(*) FROM public.lent_much",),
)
COMPUTED = Case(
    schema=LENT,
    change=('change "Lent Things".amount to bigint',),
    options=("--to", "target"),
    old=LENDER,
    new=LENDER,
    new_from=4,
    old_until=9,
    parts=5,
    after=(
        "SELECT pg_typeof(amount) = 'bigint'::regtype FROM public.\"Lent Things\" LIMIT 1",
        "SELECT has_column_privilege('pg_monitor', 'public.\"Lent Things\"', 'double', 'SELECT')",
        "SELECT has_table_privilege('pg_monitor', 'public.lent_much', 'SELECT')",
    ),
)
HELD = "SELECT count(*) >= 0 FROM public.held"
CASES = {
    "computed": COMPUTED,
    "named": replace(
        ANEW, schema=NAMED, direct="SELECT 1", old=REFERRING, new=REFERRING, parts=7, always=(HELD,)
    ),
    "vacuum-full": replace(ANEW, direct="SELECT 1"),
    "cluster": replace(
        ANEW, change=("CLUSTER visits USING visits_serial",), direct="CLUSTER visits USING visits_serial"
    ),
    "unlogged": replace(
        ANEW,
        schema=PLAIN.replace("CREATE PUBLICATION news FOR TABLE public.visits;\n", ""),
        change=("ALTER TABLE visits SET UNLOGGED",),
        direct="ALTER TABLE visits SET UNLOGGED",
    ),
    "partition": replace(
        ANEW,
        schema=PARTED,
        change=("partition visits by range (at) every month from 2026-04 to 2026-07",),
        after=(
            "SELECT count(*) > 100 FROM public.visits_2026_05",
            "SELECT count(*) = 4 FROM pg_inherits WHERE inhparent = 'public.visits'::regclass",
            "SELECT count(*) = 1 FROM pg_policies WHERE tablename = 'visits'",
        ),
    ),
    "hash": replace(
        ANEW,
        schema=ALONE
        + "CREATE TABLE public.o (id int, visit bigint REFERENCES public.visits ON DELETE CASCADE);",
        change=("partition visits by hash (id) into 3",),
        after=("SELECT count(*) = 3 FROM pg_inherits WHERE inhparent = 'public.visits'::regclass",),
    ),
}


# Some of the cases each day: the machinery is the same for all.
@rotating([name for name in CASES if falls_to(name, "walk", ("walk", "rest"))] or ["vacuum-full"])
def test_both_applications_work_at_every_point(tmp_path: Path, name: str, pg: Database) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


def test_deletes_key_changes_and_truncate_reach_the_new_table(tmp_path: Path, pg: Database) -> None:
    walk = Walk.begin(tmp_path, pg, ANEW)
    walk.plan()
    walk.forth(1)
    walk.forth(2)
    same = "SELECT count(*) FROM (TABLE visits EXCEPT TABLE visits_new) a, (SELECT count(*) FROM visits) b"
    with pg.connect() as connection:
        connection.execute("DELETE FROM visits WHERE id < 20")
        connection.execute("UPDATE visits SET id = DEFAULT WHERE id BETWEEN 50 AND 60")
        assert connection.execute(same).fetchone() == (0,)
        counts = "SELECT (SELECT count(*) FROM visits) - (SELECT count(*) FROM visits_new)"
        assert connection.execute(counts).fetchone() == (0,)
        connection.execute("TRUNCATE visits")
        assert connection.execute("SELECT count(*) FROM visits_new").fetchone() == (0,)


PARTED_REFERRER = """\
CREATE TABLE public.o (visit bigint REFERENCES public.visits (id)) PARTITION BY LIST (visit);
CREATE TABLE public.o_1 PARTITION OF public.o DEFAULT;
"""


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            "CREATE MATERIALIZED VIEW public.v AS SELECT id FROM public.visits; CREATE VIEW w AS TABLE public.v;",
            "view public.w depends on materialized view public.v",
        ),
        (
            PARTED_REFERRER,
            "constraint o_visit_fkey on public.o refers to it",
        ),
        (
            "ALTER TABLE public.visits DROP CONSTRAINT visits_pkey, ADD PRIMARY KEY (id) DEFERRABLE;",
            "its primary key is deferrable",
        ),
        ("ALTER TABLE public.visits DROP CONSTRAINT visits_pkey;", "no primary key"),
        (
            "CREATE FUNCTION public.f() RETURNS SETOF public.visits LANGUAGE sql AS 'TABLE public.visits';",
            "function",
        ),
    ],
)
def test_what_cannot_be_exchanged_is_said_with_the_reason(tmp_path: Path, more: str, reason: str) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    place.write("20250101090000", "create_schema", PLAIN, "SELECT 1;")
    place.write("20250102090000", "more", more, "SELECT 1;")
    output = place.lockgate("plan", "VACUUM FULL visits").output
    assert reason in output
    assert "gate" in output


def test_a_key_that_partitions_cannot_keep_unique_is_said(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    place.write("20250101090000", "create_schema", NAMED, "SELECT 1;")
    output = place.lockgate(
        "plan", "partition visits by range (at) every month from 2026-04 to 2026-07"
    ).output
    assert "refers to (id), which a table divided by (at) cannot keep unique" in " ".join(output.split())
