-- ALTER DATABASE SET and ALTER ROLE SET: of this database, of roles in it, and of roles everywhere.
SELECT d.datname AS database, r.rolname AS role, s.setconfig AS values
FROM pg_db_role_setting s
LEFT JOIN pg_database d ON d.oid = s.setdatabase
LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE (s.setdatabase = 0 OR d.datname = current_database())
  AND (s.setrole = 0 OR r.oid IS NOT NULL)
ORDER BY 1, 2
