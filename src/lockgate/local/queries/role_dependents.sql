-- The databases in which something belongs to one of these roles, or is granted to it; also databases as such.
SELECT DISTINCT d.datname
FROM pg_shdepend s
JOIN pg_database d ON d.oid = CASE WHEN s.dbid = 0 AND s.classid = 'pg_database'::regclass THEN s.objid ELSE s.dbid END
WHERE s.refclassid = 'pg_authid'::regclass
  AND s.refobjid IN (SELECT r.oid FROM pg_roles r WHERE r.rolname = ANY (%s))
