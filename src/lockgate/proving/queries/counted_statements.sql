SELECT s.query, r.rolname
FROM {view} AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
WHERE d.datname = pg_catalog.current_database()
  AND s.query NOT LIKE '<%%'
ORDER BY s.calls DESC, s.query
LIMIT %(most)s
