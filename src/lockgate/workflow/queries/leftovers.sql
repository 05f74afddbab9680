-- What half-done work leaves in a schema: invalid indexes, constraints that were never validated, pending detachments.
SELECT 'invalid index' AS kind, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS relation
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^(pg_|information_schema$)'
UNION ALL
SELECT 'constraint that is not validated', o.conname::text, o.conrelid::regclass::text
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace
WHERE NOT o.convalidated AND o.conrelid <> 0 AND n.nspname !~ '^(pg_|information_schema$)'
UNION ALL
SELECT 'pending detachment', h.inhrelid::regclass::text, h.inhparent::regclass::text
FROM pg_catalog.pg_inherits h
WHERE h.inhdetachpending
ORDER BY 1, 2
