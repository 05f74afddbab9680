SELECT
  coalesce(sum(s.n_live_tup), 0)::double precision,
  coalesce(sum(s.n_dead_tup), 0)::double precision,
  (SELECT min(p.heap_blks_scanned::double precision / greatest(p.heap_blks_total, 1))
   FROM pg_catalog.pg_stat_progress_vacuum AS p WHERE p.relid = ANY (%(tables)s::oid[]))
FROM pg_catalog.pg_stat_all_tables AS s
WHERE s.relid = ANY (%(tables)s::oid[])
