-- What half-done work leaves in a schema: invalid indexes, constraints that were never validated, pending detachments.
-- What belongs to the platform's own roles is theirs to finish: a hosted project has such a constraint on its own account.
WITH relation AS (
    SELECT c.oid, c.relkind
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema$)'
      AND (pg_catalog.pg_get_userbyid(c.relowner) !~ '^supabase_' OR pg_catalog.pg_has_role(c.relowner, 'MEMBER'))
)
SELECT 'invalid index' AS kind, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS relation
FROM pg_catalog.pg_index i
JOIN relation c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
UNION ALL
SELECT 'constraint that is not validated', o.conname::text, o.conrelid::regclass::text
FROM pg_catalog.pg_constraint o
JOIN relation c ON c.oid = o.conrelid
WHERE NOT o.convalidated
UNION ALL
SELECT 'pending detachment', h.inhrelid::regclass::text, h.inhparent::regclass::text
FROM pg_catalog.pg_inherits h
WHERE h.inhdetachpending
ORDER BY 1, 2
