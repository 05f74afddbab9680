-- The routines of a project with their bodies, and the tables that fire them.
SELECT
  p.proname::text,
  coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc),
  ARRAY(
    SELECT c.relname::text
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    WHERE t.tgfoid = p.oid AND t.tgenabled <> 'D'
  )
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.oid >= 16384
  AND l.lanname NOT IN ('internal', 'c')
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
  )
