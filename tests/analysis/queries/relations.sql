SELECT n.nspname || '.' || c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence::text,
       coalesce((SELECT array_agg(h.inhparent::regclass::text ORDER BY h.inhseqno)
                   FROM pg_inherits h WHERE h.inhrelid = c.oid), '{}'),
       coalesce((SELECT array_agg(g.tgname::text ORDER BY g.tgname)
                   FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal), '{}'),
       coalesce((SELECT array_agg(p.polname || ':' || p.polcmd::text ORDER BY p.polname)
                   FROM pg_policy p WHERE p.polrelid = c.oid), '{}')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
