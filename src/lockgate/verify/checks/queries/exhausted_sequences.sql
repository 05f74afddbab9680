SELECT pg_catalog.format('%I.%I', s.schemaname, s.sequencename),
       pg_catalog.format('%s %% of its numbers are used: make the column and the sequence bigint',
                         (100 * s.last_value::numeric / s.max_value)::int)
FROM pg_catalog.pg_sequences AS s
WHERE NOT s.cycle AND s.increment_by > 0 AND s.last_value::numeric / s.max_value > 0.8
ORDER BY 1
