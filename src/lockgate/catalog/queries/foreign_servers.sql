-- Foreign servers.
SELECT s.oid, s.srvname AS name, o.rolname AS owner, s.srvacl::text[] AS acl, s.srvtype AS type,
       s.srvversion AS version, s.srvoptions AS options, w.fdwname AS wrapper
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
LEFT JOIN pg_roles o ON o.oid = s.srvowner
WHERE (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid AND e.deptype = 'e'))
ORDER BY s.srvname
