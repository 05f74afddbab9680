SELECT pg_catalog.format('%s on %s', o.conname, o.conrelid::regclass),
       pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', o.conrelid::regclass, o.conname)
FROM pg_catalog.pg_constraint AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.connamespace
WHERE NOT o.convalidated AND o.conrelid <> 0 AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 1
