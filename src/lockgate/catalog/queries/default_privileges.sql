-- ALTER DEFAULT PRIVILEGES, of all schemas (schema is null) and of single ones. What the
-- platform's own roles will make is not the project's.
SELECT d.oid, r.rolname AS role, n.nspname AS schema, d.defaclobjtype::text AS objtype, d.defaclacl::text[] AS acl
FROM pg_default_acl d
JOIN pg_roles r ON r.oid = d.defaclrole
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
WHERE (d.defaclnamespace = 0 OR d.defaclnamespace = ANY (%(schemas)s::oid[]))
  AND NOT (0 = ANY (%(schemas)s::oid[]) AND r.rolname ~ '^supabase_')
ORDER BY 2, 3, 4
