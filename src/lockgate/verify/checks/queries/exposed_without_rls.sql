-- Tables of schemas that anon may use, with privileges for anon or authenticated, outside the platform's own schemas.
SELECT c.oid::regclass::text, pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.oid::regclass)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND NOT c.relrowsecurity
  AND n.nspname !~ '^(pg_|information_schema$|_)'
  AND n.nspname NOT IN ('auth', 'storage', 'realtime', 'vault', 'extensions', 'graphql', 'graphql_public', 'net', 'cron',
                        'pgmq', 'pgbouncer', 'pgsodium', 'supabase_migrations', 'supabase_functions', 'lockgate')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND EXISTS (SELECT FROM pg_catalog.pg_roles AS r
              WHERE r.rolname IN ('anon', 'authenticated')
                AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
                AND (pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE')
                     OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')))
ORDER BY 1
