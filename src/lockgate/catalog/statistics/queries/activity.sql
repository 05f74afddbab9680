-- Transactions of other sessions, autovacuum workers and prepared transactions, with the relations that they have locked.
WITH held AS (
  SELECT
    l.pid,
    l.virtualtransaction,
    jsonb_agg(DISTINCT jsonb_build_array(n.nspname || '.' || c.relname, l.mode)) AS locks
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_class c ON c.oid = l.relation
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND l.mode <> 'SIReadLock' -- what serializable transactions note blocks nobody
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
  GROUP BY l.pid, l.virtualtransaction
)
SELECT
  a.pid,
  CASE WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum' ELSE 'session' END AS kind,
  coalesce(a.usename, '')::text AS "user",
  coalesce(a.application_name, '')::text AS application,
  coalesce(a.state, '')::text AS state,
  -- A clock that was put back makes no time negative.
  greatest(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8 AS seconds,
  CASE WHEN a.state LIKE 'idle%' THEN greatest(extract(epoch FROM clock_timestamp() - a.state_change), 0) ELSE 0 END::float8
    AS idle_seconds,
  a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL AS has_snapshot,
  coalesce(a.backend_type = 'autovacuum worker' AND a.query LIKE '%(to prevent wraparound)', false)
    AS prevents_wraparound,
  ''::text AS prepared_as,
  coalesce(h.locks, '[]') AS locks
FROM pg_catalog.pg_stat_activity a
LEFT JOIN held h ON h.pid = a.pid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
UNION ALL
SELECT
  0, 'prepared transaction', x.owner::text, '', 'prepared',
  greatest(extract(epoch FROM clock_timestamp() - x.prepared), 0)::float8, 0, true, false, x.gid,
  coalesce(h.locks, '[]')
FROM pg_catalog.pg_prepared_xacts x
-- Its locks go by the number of the session that prepared it, and after a restart by another one.
LEFT JOIN pg_catalog.pg_locks t
  ON t.locktype = 'transactionid' AND t.pid IS NULL AND t.transactionid = x.transaction
LEFT JOIN held h ON h.pid IS NULL AND h.virtualtransaction = t.virtualtransaction
WHERE x.database = current_database()
ORDER BY 6 DESC NULLS LAST, 1
