-- How many tables there are that neither the server, an extension nor the platform has made.
SELECT count(*)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lockgate')
  AND pg_get_userbyid(c.relowner) !~ '^supabase_.*admin$'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
  AND c.oid <> coalesce(to_regclass('supabase_migrations.schema_migrations')::oid, 0)
