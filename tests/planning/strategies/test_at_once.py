"""A type that changes no value: what hangs on the column steps aside, and nothing is read under the lock."""

from __future__ import annotations

import json
from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.projects import sandbox
from tests.servers import Database

SCHEMA = """\
CREATE TABLE public.users (id bigint PRIMARY KEY, value varchar(20), CONSTRAINT short CHECK (length(value) < 15));
COMMENT ON CONSTRAINT short ON public.users IS 'fits the card';
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY named ON public.users USING (value IS NOT NULL);
CREATE VIEW public.cards WITH (security_invoker) AS SELECT id, value FROM public.users;
CREATE MATERIALIZED VIEW public.known AS SELECT value, count(*) FROM public.cards GROUP BY value;
CREATE UNIQUE INDEX known_value ON public.known (value);
"""
APP = App(
    "INSERT INTO public.cards (id, value) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value FROM public.cards",
    copy="COPY public.users (id, value) FROM STDIN",
)
CASES = {
    name: Case(
        schema=SCHEMA,
        change=(change,),
        old=APP,
        new=APP,
        new_from=1,
        old_until=99,
        parts=2,
        after=(
            "SELECT convalidated AND obj_description(oid) = 'fits the card' FROM pg_constraint WHERE conname = 'short'",
            "SELECT count(*) = 1 FROM pg_policies WHERE policyname = 'named'",
            "SELECT reloptions = '{security_invoker=true}' FROM pg_class WHERE relname = 'cards'",
            "SELECT relispopulated FROM pg_class WHERE relname = 'known'",
        ),
        always=("SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'short'",),
    )
    for name, change in {
        "longer": "ALTER TABLE users ALTER COLUMN value TYPE varchar(40)",
        "text": "change users.value to text",
    }.items()
}


@rotating(CASES)
def test_both_applications_work_at_every_point(pg: Database, tmp_path: Path, name: str) -> None:
    walk = Walk.begin(tmp_path, pg, CASES[name])
    walk.run()
    assert walk.reversible == len(walk.versions)


def test_what_is_made_of_the_column_and_stored_is_not_made_again_under_the_lock(
    tmp_path: Path, pg: Database
) -> None:
    place = sandbox(tmp_path, pg.url)
    place.write(
        "20250101090000",
        "create_orders",
        """
        CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(8, 2),
          tax numeric GENERATED ALWAYS AS (total * 0.2) STORED);
        """,
    )
    result = place.lockgate("plan", "change orders.total to numeric(12, 2)", "--json")
    titles = [part["title"] for part in json.loads(result.stdout)["parts"]]
    assert titles[0] == "make orders_new", result.output
