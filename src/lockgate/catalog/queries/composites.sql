-- Free-standing composite types: a type for the world, a relation for their attributes.
SELECT c.oid, t.oid AS type_oid, n.nspname AS schema, t.typname AS name, o.rolname AS owner,
       t.typacl::text[] AS acl
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_roles o ON o.oid = t.typowner
WHERE c.relkind = 'c'
  AND t.typnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
ORDER BY n.nspname, t.typname
