-- Who holds a conflicting lock on some relations right now, apart from ourselves.
WITH wanted AS (
  SELECT w.relation::regclass::oid AS relation, w.modes::text AS modes
  FROM unnest(%(relations)s::text[], %(modes)s::text[]) AS w (relation, modes)
  WHERE to_regclass(w.relation) IS NOT NULL
)
SELECT DISTINCT ON (coalesce(l.pid, 0), x.gid)
  coalesce(l.pid, 0) AS pid,
  coalesce(a.usename, x.owner, '')::text AS "user",
  coalesce(nullif(a.application_name, ''), a.backend_type, '')::text AS application,
  coalesce(a.state, 'prepared')::text AS state,
  extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, x.prepared, a.backend_start))::float8 AS seconds,
  coalesce(a.query, '')::text AS query,
  wanted.relation::regclass::text AS relation,
  x.gid::text AS prepared_transaction
FROM wanted
JOIN pg_catalog.pg_locks l
  ON l.locktype = 'relation' AND l.relation = wanted.relation AND l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.mode = ANY (string_to_array(wanted.modes, ','))
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
-- The locks of a prepared transaction go by the number of the session that prepared it, and after a restart by another.
LEFT JOIN pg_catalog.pg_locks t
  ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = l.virtualtransaction
LEFT JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = t.transactionid
WHERE l.pid IS DISTINCT FROM %(pid)s AND l.pid IS DISTINCT FROM pg_backend_pid()
  -- Who is idle outside of a transaction has let go between the two looks, or has only just begun.
  AND a.state IS DISTINCT FROM 'idle'
ORDER BY coalesce(l.pid, 0), x.gid, seconds DESC
