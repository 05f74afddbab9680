-- The relations that a session has locked or waits for, with every mode, the file of each that still exists, the table of
-- an index, and the rows that this session has read of it in its transaction, through its indexes or not.
WITH locked AS (
    SELECT l.relation, array_agg(DISTINCT l.mode) AS modes
      FROM pg_locks l
     WHERE l.pid = %(pid)s AND l.locktype = 'relation'
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.relation >= 16384
     GROUP BY l.relation
)
SELECT l.relation::bigint, l.modes, c.relfilenode::bigint, i.indrelid::bigint,
       pg_stat_get_xact_tuples_returned(l.relation) + pg_stat_get_xact_tuples_fetched(l.relation)
       + coalesce((SELECT sum(greatest(pg_stat_get_xact_tuples_returned(x.indexrelid),
                                       pg_stat_get_xact_tuples_fetched(x.indexrelid)))
                     FROM pg_index x WHERE x.indrelid = l.relation AND c.relkind IN ('r', 'm')), 0)::bigint
  FROM locked l
  LEFT JOIN pg_class c ON c.oid = l.relation
  LEFT JOIN pg_index i ON i.indexrelid = l.relation
