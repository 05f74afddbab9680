-- Which columns every table that can be filled has, by number: the cheap question before the thorough one.
SELECT c.oid::int8, array_agg(a.attnum) FILTER (WHERE NOT a.attisdropped)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind = 'r'
    AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%(excluded)s::text[])
GROUP BY c.oid
