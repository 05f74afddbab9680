SELECT rolname
FROM pg_roles
WHERE rolcanlogin
  AND rolname !~ '^pg_'
