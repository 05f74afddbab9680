-- What was asked in this database, those that are called most first, with the role and the search path that it logs in
-- with. Statements inside of functions are not the application's; what an old version of the view lacks counts as none.
SELECT
  s.query,
  r.rolname::text,
  (
    SELECT pg_catalog.substr(c.setting, pg_catalog.length('search_path=') + 1)
    FROM pg_catalog.pg_db_role_setting AS o
    CROSS JOIN pg_catalog.unnest(o.setconfig) AS c (setting)
    WHERE o.setrole IN (0, s.userid) AND o.setdatabase IN (0, s.dbid) AND c.setting LIKE 'search\_path=%'
    ORDER BY o.setrole = 0, o.setdatabase = 0
    LIMIT 1
  )
FROM {view} AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
WHERE d.datname = pg_catalog.current_database()
  AND coalesce((pg_catalog.to_jsonb(s) ->> 'toplevel')::bool, true)
ORDER BY s.calls DESC, s.query
