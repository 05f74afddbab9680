-- A table that other objects name in every way, and whatever hangs on a table.
CREATE TABLE public.kinds (id int PRIMARY KEY);
INSERT INTO public.kinds VALUES (1);
CREATE TABLE public.visits (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  other_no bigint UNIQUE,
  serial_no bigserial,
  value text CHECK (value <> 'never'),
  kind int NOT NULL DEFAULT 1 CONSTRAINT kind_known REFERENCES public.kinds (id) ON DELETE CASCADE DEFERRABLE,
  earlier bigint REFERENCES public.visits (id) ON DELETE SET NULL,
  at date NOT NULL DEFAULT '2026-05-05'
) WITH (fillfactor = 80);
ALTER TABLE public.visits ALTER COLUMN value SET STATISTICS 500,
  ALTER COLUMN kind SET (n_distinct = 5), ALTER COLUMN value SET STORAGE EXTERNAL;
ALTER TABLE public.visits REPLICA IDENTITY USING INDEX visits_pkey;
ALTER TABLE public.visits CLUSTER ON visits_pkey;
CREATE STATISTICS public.together (ndistinct) ON kind, at FROM public.visits;
COMMENT ON STATISTICS public.together IS 'go together';
COMMENT ON TABLE public.visits IS 'who was here';
COMMENT ON COLUMN public.visits.value IS 'what was said';
COMMENT ON CONSTRAINT kind_known ON public.visits IS 'known';
COMMENT ON CONSTRAINT visits_pkey ON public.visits IS 'key';
CREATE INDEX visits_value ON public.visits (value) WITH (fillfactor = 70) WHERE value IS NOT NULL;
COMMENT ON INDEX public.visits_value IS 'found fast';
GRANT SELECT ON public.visits TO pg_monitor;
ALTER TABLE public.visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.visits TO pg_monitor USING (id < 10);
CREATE TABLE public.orders (
  id bigint PRIMARY KEY,
  visit bigint CONSTRAINT orders_visit REFERENCES public.visits ON DELETE CASCADE
);
COMMENT ON CONSTRAINT orders_visit ON public.orders IS 'of a visit';
CREATE TABLE public.notes (
  id bigint PRIMARY KEY,
  visit bigint REFERENCES public.visits ON UPDATE CASCADE ON DELETE SET NULL,
  again bigint REFERENCES public.visits DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visits ON public.notes TO pg_monitor USING (visit IN (SELECT id FROM public.visits))
  WITH CHECK (EXISTS (SELECT FROM public.visits AS v WHERE v.id = visit));
CREATE VIEW public.seen WITH (security_invoker = true) AS SELECT * FROM public.visits WHERE value IS NOT NULL;
GRANT SELECT ON public.seen TO pg_monitor;
COMMENT ON VIEW public.seen IS 'seen';
CREATE VIEW public.seen_twice AS SELECT s.id, v.value FROM public.seen s JOIN public.visits v USING (id);
CREATE FUNCTION public.many() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM public.visits; END;
CREATE TABLE public.asked (n int);
CREATE RULE asked AS ON INSERT TO public.asked DO ALSO SELECT count(*) FROM public.visits;
CREATE PUBLICATION news FOR TABLE public.visits (id, value) WHERE (id > 5);
CREATE MATERIALIZED VIEW public.held AS SELECT id, value FROM public.visits;
CREATE UNIQUE INDEX held_id ON public.held (id);
COMMENT ON INDEX public.held_id IS 'refreshed by it';
GRANT SELECT ON public.held TO pg_monitor;
COMMENT ON MATERIALIZED VIEW public.held IS 'as it was';
