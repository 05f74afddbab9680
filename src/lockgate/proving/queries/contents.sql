-- What holds rows: every table (a partitioned one through its partitions) with its stored columns by name, and all
-- that has to stay the same for its rows to be the same: its columns, the file it is in, what was counted.
SELECT
    c.oid::int8,
    n.nspname,
    c.relname,
    COALESCE(array_agg(a.attname ORDER BY a.attname) FILTER (WHERE a.attgenerated <> 'v'), '{}')::text[],
    COALESCE(
        array_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid::int8, a.atttypmod, a.attgenerated) ORDER BY a.attnum)
            FILTER (WHERE a.attnum IS NOT NULL),
        '{}'
    ),
    pg_relation_filenode(c.oid)::int8,
    ARRAY[
        pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_inserted(c.oid),
        pg_stat_get_tuples_updated(c.oid) + pg_stat_get_xact_tuples_updated(c.oid),
        pg_stat_get_tuples_deleted(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
    ]
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r'
    AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%(excluded)s::text[])
GROUP BY c.oid, n.nspname, c.relname
ORDER BY n.nspname, c.relname
