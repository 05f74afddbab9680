-- The relations that somebody else may be using, the file that each is in, and what this session has read of it so far.
SELECT c.oid::int8, n.nspname, c.relname, pg_relation_filenode(c.oid)::int8,
    pg_stat_get_xact_tuples_returned(c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND c.oid >= 16384
    AND n.nspname !~ '^pg_'
