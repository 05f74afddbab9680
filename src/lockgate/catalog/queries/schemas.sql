-- The schemas in scope. The platform's are known by their names, and only where its administrator role exists.
SELECT n.oid, n.nspname AS name, r.rolname AS owner, n.nspacl::text[] AS acl,
       e.extname AS extension
FROM pg_namespace n
LEFT JOIN pg_roles r ON r.oid = n.nspowner
LEFT JOIN pg_depend d
       ON d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = d.refobjid
WHERE n.nspname <> 'information_schema'
  AND n.nspname !~ '^pg_'
  AND (%(only)s::text[] IS NULL OR n.nspname = ANY (%(only)s::text[]))
  AND n.nspname <> ALL (%(exclude)s::text[])
  AND (n.nspname <> ALL (%(platform)s::text[])
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin'))
ORDER BY n.nspname
