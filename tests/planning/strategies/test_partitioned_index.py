"""Indexes of partitioned tables that take the place of others, while both applications write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

VISITS = """\
CREATE TABLE public."Visits" (id bigint, value text, note text DEFAULT '') PARTITION BY RANGE (id);
CREATE TABLE public.visits_1 PARTITION OF public."Visits" FOR VALUES FROM (0) TO (1000);
CREATE TABLE public.visits_2 PARTITION OF public."Visits" DEFAULT PARTITION BY LIST (id);
CREATE TABLE public.visits_2a PARTITION OF public.visits_2 DEFAULT;
CREATE INDEX by_value ON public."Visits" (value, id) WHERE value IS NOT NULL;
COMMENT ON INDEX public.by_value IS 'found fast';
CREATE INDEX visits_2a_value_note_idx ON public.visits_2a (note);
"""
APP = App(
    'INSERT INTO public."Visits" (id, value) VALUES (%(id)s, %(value)s)',
    'UPDATE public."Visits" SET value = %(value)s WHERE id = %(id)s',
    'SELECT id::text, value FROM public."Visits"',
)
INDEXED = """SELECT bool_and(EXISTS (
  SELECT FROM pg_index JOIN pg_attribute AS a ON attrelid = indrelid AND attnum = indkey[0]
  WHERE indrelid = relid AND indisvalid AND attname = 'value'
)) FROM pg_partition_tree('public."Visits"')"""
"""At every point there is a valid index that begins with the value, on the whole and on every partition."""

SAME = Case(
    schema=VISITS,
    change=('DROP INDEX by_value; CREATE INDEX by_value ON "Visits" (value, note)',),
    options=("--to", "target"),
    old=APP,
    new=APP,
    new_from=1,
    old_until=9,
    parts=2,
    direct='DROP INDEX by_value; CREATE INDEX by_value ON "Visits" (value, note)',
    always=(INDEXED,),
)
OTHER = replace(
    SAME,
    change=('DROP INDEX by_value; CREATE INDEX value_first ON "Visits" (value) INCLUDE (note)',),
    direct='DROP INDEX by_value; CREATE INDEX value_first ON "Visits" (value) INCLUDE (note)',
)
CASES = {"same name": SAME, "another name": OTHER}


@rotating(CASES, turns=2)
def test_there_is_an_index_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()
