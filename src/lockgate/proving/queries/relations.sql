-- The relations that somebody else may be using, and the file that each is in.
SELECT c.oid::int8, n.nspname, c.relname, pg_relation_filenode(c.oid)::int8
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND c.oid >= 16384
    AND n.nspname !~ '^pg_'
