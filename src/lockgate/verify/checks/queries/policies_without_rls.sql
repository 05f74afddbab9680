SELECT DISTINCT c.oid::regclass::text, pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.oid::regclass)
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
WHERE NOT c.relrowsecurity
ORDER BY 1
