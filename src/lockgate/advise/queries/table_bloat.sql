-- A table is much larger on disk than its rows.
--
-- Space of rows that were changed or deleted is used again only after a vacuum; long transactions and mass updates leave
-- a table mostly empty, and every scan reads that. The size of the rows is estimated from the statistics of `ANALYZE`,
-- so it is no proof: reported are tables that are at least three times what the estimate says, and waste more than 20 MB.
-- Plain `VACUUM` makes the space usable again; to give it back use `pg_repack` or, with downtime, `VACUUM FULL`.
--
-- - https://www.postgresql.org/docs/current/routine-vacuuming.html
-- - https://supabase.com/docs/guides/database/database-advisors?lint=0020_table_bloat
WITH widths AS (
    SELECT s.schemaname, s.tablename, sum((1 - s.null_frac) * s.avg_width) AS width, count(*) AS columns
    FROM pg_stats s
    WHERE NOT s.inherited
    GROUP BY s.schemaname, s.tablename
), sizes AS (
    SELECT n.nspname, c.relname, c.relpages::numeric * 8192 AS size,
           -- 28 bytes of header and line pointer, rows begin at multiples of 8 bytes, 24 bytes of each page are its own
           ceil(c.reltuples::numeric * (28 + ceil(w.width::numeric / 8) * 8)
                / (8168 * coalesce((SELECT option_value::numeric FROM pg_options_to_table(c.reloptions)
                                    WHERE option_name = 'fillfactor'), 100) / 100)) * 8192 AS needed
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN widths w ON w.schemaname = n.nspname AND w.tablename = c.relname
    WHERE c.relkind IN ('r', 'm')
      AND c.reltuples >= 0
      AND n.nspname = ANY (%(schemas)s::text[])
      -- a column that nobody may read the statistics of would make the rows look small
      AND w.columns = (SELECT count(*) FROM pg_attribute a
                       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
)
SELECT format('%%I.%%I is much larger on disk than its rows (%%s, about %%s needed).', nspname, relname,
              pg_size_pretty(size), pg_size_pretty(needed)) AS message,
       'Every scan reads the empty space too.' AS why,
       format('VACUUM (ANALYZE) %%I.%%I;', nspname, relname) AS safe
FROM sizes
WHERE size > 3 * needed
  AND size - needed > 20 * 1024 * 1024
ORDER BY size - needed DESC
