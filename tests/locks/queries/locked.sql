-- The relations that a session has locked or waits for, with the strongest mode, the file of each that still exists,
-- and the rows that the session has read of it in its transaction (all zero for another session).
WITH locked AS (
    SELECT l.relation, array_agg(DISTINCT l.mode) AS modes
      FROM pg_locks l
     WHERE l.pid = %(pid)s AND l.locktype = 'relation'
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.relation >= 16384
     GROUP BY l.relation
)
SELECT l.relation::bigint, l.modes, c.relfilenode::bigint, c.relkind::text, i.indrelid::bigint,
       coalesce(pg_stat_get_xact_tuples_returned(l.relation), 0),
       coalesce(pg_stat_get_xact_tuples_fetched(l.relation), 0)
  FROM locked l
  LEFT JOIN pg_class c ON c.oid = l.relation
  LEFT JOIN pg_index i ON i.indexrelid = l.relation
