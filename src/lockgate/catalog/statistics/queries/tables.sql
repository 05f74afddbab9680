-- Sizes of all tables and materialized views. Asking for the size of a file takes an ACCESS SHARE lock for a moment, so
-- what somebody holds or wants under ACCESS EXCLUSIVE is not asked but taken from the planner's estimate.
WITH busy AS MATERIALIZED (
  SELECT l.relation
  FROM pg_catalog.pg_locks l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
)
SELECT
  c.oid::bigint AS oid,
  n.nspname || '.' || c.relname AS name,
  CASE WHEN c.relkind IN ('p', 'f') THEN 0
       WHEN c.oid IN (SELECT relation FROM busy) THEN c.relpages::bigint * current_setting('block_size')::bigint
       ELSE pg_relation_size(c.oid) END AS bytes,
  CASE WHEN c.reltoastrelid = 0 THEN 0
       WHEN c.oid IN (SELECT relation FROM busy) OR c.reltoastrelid IN (SELECT relation FROM busy)
       THEN t.relpages::bigint * current_setting('block_size')::bigint
       ELSE pg_relation_size(c.reltoastrelid) END AS toast_bytes,
  c.relpages::bigint AS relpages,
  c.reltuples::float8 AS reltuples,
  s.n_live_tup AS live_rows,
  c.relkind::text AS kind
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'lockgate') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY 2
