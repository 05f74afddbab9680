WITH waiting AS (
  SELECT l.pid, l.mode, l.locktype, l.relation,
    extract(epoch FROM clock_timestamp() - l.waitstart)::double precision AS seconds
  FROM pg_catalog.pg_locks AS l
  WHERE NOT l.granted
    AND l.pid <> ALL (%(pids)s::integer[])
    AND (
      l.relation = ANY (%(tables)s::oid[])
      OR pg_catalog.pg_blocking_pids(l.pid) && %(pids)s::integer[]
    )
)
SELECT
  count(*),
  coalesce(max(seconds), 0),
  max(pid) FILTER (
    WHERE locktype = 'relation' AND relation = ANY (%(tables)s::oid[])
      AND mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
      AND seconds > 0.2
  )
FROM waiting
