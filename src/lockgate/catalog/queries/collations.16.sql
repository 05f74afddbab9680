-- Collations that a user made; ICU rules exist from 16 on.
SELECT c.oid, n.nspname AS schema, c.collname AS name, o.rolname AS owner, c.collprovider::text AS provider,
       c.collisdeterministic AS deterministic, c.collcollate AS lc_collate, c.collctype AS lc_ctype, c.colliculocale AS locale, c.collicurules AS rules
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
LEFT JOIN pg_roles o ON o.oid = c.collowner
WHERE c.collnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_collation'::regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY n.nspname, c.collname
