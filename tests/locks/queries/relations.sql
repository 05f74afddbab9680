-- Every relation of the user's: what a lock on its number means, where its rows lie, and how many were ever read.
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, c.relfilenode::bigint, greatest(c.reltuples, 0)::bigint,
       coalesce(i.indrelid, d.refobjid)::bigint,
       pg_stat_get_tuples_returned(c.oid) + pg_stat_get_tuples_fetched(c.oid)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
                       AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
   AND c.relkind <> 'c'
