-- Operator families, those that CREATE OPERATOR CLASS made by itself included.
SELECT f.oid, n.nspname AS schema, f.opfname AS name, am.amname AS method, o.rolname AS owner
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
LEFT JOIN pg_roles o ON o.oid = f.opfowner
WHERE f.opfnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e'))
ORDER BY n.nspname, f.opfname, am.amname
