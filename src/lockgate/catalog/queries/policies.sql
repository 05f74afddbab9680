-- Row-security policies; the role 0 is PUBLIC. Those on the platform's tables are guests: the project made them.
SELECT p.oid, n.nspname AS schema, c.relname AS name, p.polname AS part, p.polcmd::text AS command,
       p.polpermissive AS permissive,
       ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS "using", pg_get_expr(p.polwithcheck, p.polrelid) AS "check",
       c.relnamespace <> ALL (%(schemas)s::oid[]) AS guest
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (%(schemas)s::oid[])
   OR (0 = ANY (%(schemas)s::oid[]) AND n.nspname IN ('auth', 'realtime', 'storage')
       AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin'))
ORDER BY n.nspname, c.relname, p.polname
