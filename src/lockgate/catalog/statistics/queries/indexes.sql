-- Sizes of all indexes, with the same care as those of the tables.
WITH busy AS MATERIALIZED (
  SELECT l.relation
  FROM pg_catalog.pg_locks l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
)
SELECT
  i.indrelid::bigint AS table_oid,
  n.nspname || '.' || c.relname AS name,
  CASE WHEN i.indrelid IN (SELECT relation FROM busy) OR c.oid IN (SELECT relation FROM busy)
       THEN c.relpages::bigint * current_setting('block_size')::bigint
       ELSE pg_relation_size(c.oid) END AS bytes,
  a.amname::text AS method
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_am a ON a.oid = c.relam
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'i' AND t.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'lockgate') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY 2
