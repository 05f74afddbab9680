-- Verify: Create canvases and the items on them. Each query must return true.

SELECT bool_and(relrowsecurity)
FROM pg_catalog.pg_class
WHERE oid IN ('public.canvases'::regclass, 'public.items'::regclass);

SELECT EXISTS (
  SELECT FROM pg_catalog.pg_publication_tables
  WHERE pubname = 'supabase_realtime' AND schemaname = 'public' AND tablename = 'items'
);

-- A sample: counting all items of all canvases would take long on production.
SELECT NOT EXISTS (
  SELECT FROM (SELECT id, item_count FROM public.canvases ORDER BY id LIMIT 1000) AS c
  WHERE c.item_count <> (SELECT count(*) FROM public.items AS i WHERE i.canvas_id = c.id)
);
