-- Installed extensions, plpgsql apart, which every database has.
SELECT x.oid, x.extname AS name, n.nspname AS schema, x.extversion AS version, o.rolname AS owner
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
LEFT JOIN pg_roles o ON o.oid = x.extowner
WHERE x.extname <> 'plpgsql'
ORDER BY x.extname
