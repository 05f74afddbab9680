-- Procedural languages that no extension brought.
SELECT l.oid, l.lanname AS name, o.rolname AS owner, l.lanacl::text[] AS acl, l.lanpltrusted AS trusted,
       nullif(l.lanplcallfoid::regprocedure::text, '-') AS handler, nullif(l.laninline::regproc::text, '-') AS inline,
       nullif(l.lanvalidator::regproc::text, '-') AS validator
FROM pg_language l
LEFT JOIN pg_roles o ON o.oid = l.lanowner
WHERE l.lanispl
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e'))
  AND l.oid >= 16384
ORDER BY l.lanname
