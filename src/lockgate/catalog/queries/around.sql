-- Some relations by name with what they have at all, and those that their foreign keys refer to (without kind).
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       c.relhasindex AS indexes, c.relhasrules AS rules,
       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid) AS constraints
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%(relations)s::oid[])
UNION ALL
SELECT DISTINCT k.confrelid::int8, NULL::name, NULL::name, NULL, false, false, false, false, false
FROM pg_constraint k
WHERE k.conrelid = ANY (%(relations)s::oid[])
    AND k.contype = 'f'
