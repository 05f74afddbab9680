-- The roles of the cluster; never a password. Memberships stand in another query.
SELECT oid, rolname AS name, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
       rolbypassrls, rolconnlimit AS connection_limit, rolvaliduntil::text AS valid_until
FROM pg_roles
WHERE rolname !~ '^pg_'
ORDER BY rolname
