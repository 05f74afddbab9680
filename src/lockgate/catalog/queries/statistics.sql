-- Extended statistics objects.
SELECT s.oid, n.nspname AS schema, s.stxname AS name, o.rolname AS owner,
       pg_get_statisticsobjdef(s.oid) AS definition, nullif(s.stxstattarget, -1)::int AS target
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
LEFT JOIN pg_roles o ON o.oid = s.stxowner
WHERE s.stxnamespace = ANY (%(schemas)s::oid[])
ORDER BY n.nspname, s.stxname
