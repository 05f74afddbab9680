-- The columns that an insert of some roles has to give a value, and the tables that they may insert into.
SELECT
  pg_catalog.format('%%I.%%I', n.nspname, c.relname),
  ARRAY(
    SELECT a.attname::text
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid
      AND a.attnum > 0
      AND NOT a.attisdropped
      AND a.attnotnull
      AND NOT a.atthasdef
      AND a.attidentity = ''
      AND a.attgenerated = ''
  )
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(schemas)s)
  AND c.relkind IN ('r', 'p')
  AND EXISTS (
    SELECT FROM pg_catalog.pg_roles AS r
    WHERE r.rolname = ANY (%(roles)s)
      AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
      AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT')
  )
