SELECT i.indexrelid::regclass::text, 'DROP INDEX CONCURRENTLY, then build it again'
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 1
