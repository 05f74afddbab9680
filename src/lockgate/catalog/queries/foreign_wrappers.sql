-- Foreign-data wrappers.
SELECT w.oid, w.fdwname AS name, o.rolname AS owner, w.fdwacl::text[] AS acl, w.fdwoptions AS options,
       nullif(w.fdwhandler::regproc::text, '-') AS handler, nullif(w.fdwvalidator::regproc::text, '-') AS validator
FROM pg_foreign_data_wrapper w
LEFT JOIN pg_roles o ON o.oid = w.fdwowner
WHERE (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid AND e.deptype = 'e'))
ORDER BY w.fdwname
