SELECT pg_catalog.format('%s on %s', t.tgname, t.tgrelid::regclass),
       pg_catalog.format('ALTER TABLE %s ENABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE t.tgenabled = 'D' AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 1
