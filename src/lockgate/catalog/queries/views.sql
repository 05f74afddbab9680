-- Views and materialised views.
SELECT c.oid, c.reltype AS type_oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS relkind,
       o.rolname AS owner, c.relacl::text[] AS acl, c.reloptions AS options, am.amname AS access_method,
       ts.spcname AS tablespace, c.relispopulated AS populated,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition,
       c.reltuples::bigint AS rows, c.relpages::bigint * 8192 AS bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_roles o ON o.oid = c.relowner
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relkind IN ('v', 'm')
  AND c.relnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY n.nspname, c.relname
