"""Types that change with the whole table: what is computed from a column, or excluded by it, has no form in place."""

from __future__ import annotations

from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

COUNTS = """\
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
OLD = App(
    'INSERT INTO public."Lent Things" ("Id", amount) OVERRIDING SYSTEM VALUE VALUES (%(id)s, %(value)s)',
    'UPDATE public."Lent Things" SET amount = %(value)s WHERE "Id" = %(id)s',
    'SELECT "Id"::text, amount::text FROM public.lent WHERE double IS NOT DISTINCT FROM amount * 2',
    also=("SELECT count(*) FROM public.lent_much",),
)
COMPUTED = Case(
    schema=COUNTS,
    change=('change "Lent Things".amount to bigint',),
    options=("--to", "target"),
    old=OLD,
    new=OLD,
    new_from=4,
    old_until=9,
    parts=5,
    after=(
        "SELECT pg_typeof(amount) = 'bigint'::regtype FROM public.\"Lent Things\" LIMIT 1",
        "SELECT has_column_privilege('pg_monitor', 'public.\"Lent Things\"', 'double', 'SELECT')",
        "SELECT has_table_privilege('pg_monitor', 'public.lent_much', 'SELECT')",
    ),
)
CASES = {"computed": COMPUTED}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()
