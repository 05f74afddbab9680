-- What holds rows: every table (a partitioned one through its partitions) with its stored columns by name.
SELECT
    c.oid::int8,
    n.nspname,
    c.relname,
    COALESCE(
        array_agg(a.attname ORDER BY a.attname)
            FILTER (WHERE a.attnum IS NOT NULL AND NOT a.attisdropped AND a.attgenerated <> 'v'),
        '{}'
    )::text[]
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind = 'r'
    AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%(excluded)s::text[])
GROUP BY c.oid, n.nspname, c.relname
ORDER BY n.nspname, c.relname
