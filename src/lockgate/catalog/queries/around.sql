-- Some relations by name, and those that their foreign keys refer to.
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%(relations)s::oid[])
UNION
SELECT c.oid::int8, n.nspname, c.relname
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.confrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.conrelid = ANY (%(relations)s::oid[])
    AND k.contype = 'f'
