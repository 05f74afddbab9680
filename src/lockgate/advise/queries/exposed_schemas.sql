-- The schemas that PostgREST was told to serve: a setting of the role that it logs in as, for this database or all.
SELECT substr(entry, length('pgrst.db_schemas=') + 1)
FROM pg_db_role_setting s
JOIN pg_roles r ON r.oid = s.setrole
CROSS JOIN unnest(s.setconfig) AS entry
LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE r.rolname = 'authenticator'
  AND entry LIKE 'pgrst.db\_schemas=%'
  AND (s.setdatabase = 0 OR d.datname = current_database())
ORDER BY s.setdatabase DESC
LIMIT 1
