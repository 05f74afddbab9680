-- The roles there are, and the search path that each gets when it logs in to this database.
SELECT
  r.rolname::text,
  (
    SELECT pg_catalog.substr(s.setting, pg_catalog.length('search_path=') + 1)
    FROM pg_catalog.pg_db_role_setting AS d
    CROSS JOIN pg_catalog.unnest(d.setconfig) AS s (setting)
    WHERE d.setrole = r.oid
      AND d.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
      AND s.setting LIKE 'search\_path=%'
    ORDER BY d.setdatabase DESC
    LIMIT 1
  )
FROM pg_catalog.pg_roles AS r
