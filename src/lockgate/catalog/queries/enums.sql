-- Enums with their labels in order.
SELECT t.oid, n.nspname AS schema, t.typname AS name, o.rolname AS owner, t.typacl::text[] AS acl,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS values,
       ARRAY(SELECT e.oid FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS label_oids
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_roles o ON o.oid = t.typowner
WHERE t.typtype = 'e'
  AND t.typnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
ORDER BY n.nspname, t.typname
