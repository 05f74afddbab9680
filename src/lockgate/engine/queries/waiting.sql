-- Whom one of our backends waits for. A prepared transaction has no process, and is found by what it holds.
SELECT
  b.pid,
  coalesce(a.usename, x.owner, '')::text AS "user",
  coalesce(nullif(a.application_name, ''), a.backend_type, '')::text AS application,
  coalesce(a.state, 'prepared')::text AS state,
  coalesce(
    extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, x.prepared, a.backend_start)), 0
  )::float8 AS seconds,
  coalesce(a.query, '')::text AS query,
  NULL::text AS relation,
  x.gid::text AS prepared_transaction
FROM (SELECT DISTINCT pid FROM unnest(pg_blocking_pids(%(pid)s)) AS u (pid)) AS b
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
LEFT JOIN (
  pg_catalog.pg_locks w
  JOIN pg_catalog.pg_locks l
    ON l.granted AND l.pid IS NULL AND l.locktype = w.locktype AND l.database IS NOT DISTINCT FROM w.database
    AND l.relation IS NOT DISTINCT FROM w.relation AND l.transactionid IS NOT DISTINCT FROM w.transactionid
  JOIN pg_catalog.pg_locks t
    ON t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = l.virtualtransaction
  JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = t.transactionid
) ON b.pid = 0 AND w.pid = %(pid)s AND NOT w.granted
