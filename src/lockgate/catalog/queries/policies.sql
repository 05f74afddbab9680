-- Row-security policies; the role 0 is PUBLIC.
SELECT p.oid, n.nspname AS schema, c.relname AS name, p.polname AS part, p.polcmd::text AS command,
       p.polpermissive AS permissive,
       ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS "using", pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (%(schemas)s::oid[])
ORDER BY n.nspname, c.relname, p.polname
