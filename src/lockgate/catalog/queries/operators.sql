-- Operators; NONE stands for the missing side of a prefix operator.
SELECT p.oid, n.nspname AS schema, p.oprname AS name, o.rolname AS owner, p.oprcode::text AS function,
       CASE WHEN p.oprleft <> 0 THEN format_type(p.oprleft, NULL) END AS "left",
       format_type(p.oprright, NULL) AS "right", p.oprcanhash AS hashes, p.oprcanmerge AS merges,
       nullif(p.oprrest::text, '-') AS restrict, nullif(p.oprjoin::text, '-') AS "join",
       c.oprname AS commutator, cn.nspname AS commutator_schema,
       g.oprname AS negator, gn.nspname AS negator_schema
FROM pg_operator p
JOIN pg_namespace n ON n.oid = p.oprnamespace
LEFT JOIN pg_roles o ON o.oid = p.oprowner
LEFT JOIN pg_operator c ON c.oid = p.oprcom
LEFT JOIN pg_namespace cn ON cn.oid = c.oprnamespace
LEFT JOIN pg_operator g ON g.oid = p.oprnegate
LEFT JOIN pg_namespace gn ON gn.oid = g.oprnamespace
WHERE p.oprcode <> 0
  AND p.oprnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_operator'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
ORDER BY n.nspname, p.oprname, 6, 7
