-- Every session that waits for a lock, and every session that it waits for.
WITH waiting AS (
  SELECT a.pid, pg_blocking_pids(a.pid) AS blocked_by
  FROM pg_catalog.pg_stat_activity a
  WHERE a.wait_event_type = 'Lock' AND a.pid <> pg_backend_pid()
), involved AS (
  SELECT pid FROM waiting
  UNION
  SELECT unnest(blocked_by) FROM waiting
)
SELECT
  i.pid,
  coalesce(w.blocked_by, '{}') AS blocked_by,
  coalesce(a.usename, '')::text AS "user",
  coalesce(nullif(a.application_name, ''), a.backend_type, 'prepared transaction')::text AS application,
  coalesce(a.state, '')::text AS state,
  coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start)), 0)::float8 AS seconds,
  coalesce(extract(epoch FROM clock_timestamp() - l.waitstart), 0)::float8 AS waited,
  l.mode::text AS wants,
  l.relation::regclass::text AS relation,
  coalesce(a.query, '')::text AS query
FROM involved i
LEFT JOIN waiting w USING (pid)
LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
LEFT JOIN LATERAL (
  SELECT mode, relation, waitstart FROM pg_catalog.pg_locks WHERE pid = i.pid AND NOT granted LIMIT 1
) l ON true
ORDER BY seconds DESC, i.pid
