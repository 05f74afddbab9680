SELECT d.datname, shobj_description(d.oid, 'pg_database')
FROM pg_database d
WHERE d.datname = %s
   OR starts_with(d.datname, %s)
