-- Access methods that no extension brought.
SELECT a.oid, a.amname AS name, a.amtype::text AS type, a.amhandler::text AS handler
FROM pg_am a
WHERE a.oid >= 16384
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_am'::regclass AND e.objid = a.oid AND e.deptype = 'e'))
ORDER BY a.amname
