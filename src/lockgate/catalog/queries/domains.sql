-- Domains; their checks are constraints. From 18 on NOT NULL is a constraint with a name.
SELECT t.oid, n.nspname AS schema, t.typname AS name, o.rolname AS owner, t.typacl::text[] AS acl,
       format_type(t.typbasetype, t.typtypmod) AS type, t.typnotnull AS not_null, nn.conname AS not_null_name,
       pg_get_expr(t.typdefaultbin, 0) AS "default",
       CASE WHEN t.typcollation <> b.typcollation AND t.typcollation <> 0
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation
FROM pg_type t
JOIN pg_type b ON b.oid = t.typbasetype
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_roles o ON o.oid = t.typowner
LEFT JOIN pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n'
WHERE t.typtype = 'd'
  AND t.typnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
ORDER BY n.nspname, t.typname
