-- Whom one of our backends waits for, and how many wait behind it and for how long.
SELECT
  b.pid,
  coalesce(a.usename, '')::text AS "user",
  coalesce(nullif(a.application_name, ''), a.backend_type, '')::text AS application,
  coalesce(a.state, 'prepared')::text AS state,
  coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start)), 0)::float8 AS seconds,
  coalesce(a.query, '')::text AS query
FROM unnest(pg_blocking_pids(%(pid)s)) AS b (pid)
LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
