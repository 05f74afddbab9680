-- What this transaction has locked so far, with the rows it has read of each relation by scanning.
SELECT l.relation::int8, l.mode, pg_stat_get_xact_tuples_returned(l.relation),
    pg_relation_filenode(l.relation)::int8
FROM pg_locks l
WHERE l.locktype = 'relation'
    AND l.pid = pg_backend_pid()
    AND l.granted
    AND l.relation >= 16384
