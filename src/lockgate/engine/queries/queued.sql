SELECT
  count(*)::integer,
  coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart)), 0)::float8
FROM pg_catalog.pg_locks l
WHERE NOT l.granted AND l.locktype = 'relation' AND l.pid <> %(pid)s AND %(pid)s = ANY (pg_blocking_pids(l.pid))
