-- What belongs to the platform's own roles is theirs to validate; hosted projects have such a constraint in realtime.
SELECT pg_catalog.format('%s on %s', o.conname, o.conrelid::regclass),
       pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', o.conrelid::regclass, o.conname)
FROM pg_catalog.pg_constraint AS o
JOIN pg_catalog.pg_class AS c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT o.convalidated AND n.nspname !~ '^(pg_|information_schema$)'
  AND (pg_catalog.pg_get_userbyid(c.relowner) !~ '^supabase_' OR pg_catalog.pg_has_role(c.relowner, 'MEMBER'))
ORDER BY 1
