-- Tables and views with the numbers of their columns, and whether the search path of this session finds them.
SELECT c.oid::int8, n.nspname, c.relname,
    COALESCE(array_agg(a.attnum ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped), '{}'),
    pg_table_is_visible(c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname !~ '^pg_'
GROUP BY c.oid, n.nspname, c.relname
