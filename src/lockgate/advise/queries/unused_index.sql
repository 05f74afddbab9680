-- No query has used an index since statistics were last reset.
--
-- It costs every write, memory and disk. Indexes that keep a constraint or a replica identity are not reported. Look at
-- the age of the statistics, at replicas (which count by themselves) and at jobs that run once a month before it goes.
--
-- - https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW
-- - https://supabase.com/docs/guides/database/database-advisors?lint=0005_unused_index
SELECT format('No query has used the index %%I.%%I of %%I (%%s, counted since %%s).', s.schemaname, s.indexrelname, s.relname,
              pg_size_pretty(pg_relation_size(s.indexrelid)),
              coalesce((SELECT to_char(d.stats_reset, 'YYYY-MM-DD') FROM pg_stat_database d
                        WHERE d.datname = current_database()), 'the beginning')) AS message,
       'It costs every write to the table and serves no query.' AS why,
       format('DROP INDEX CONCURRENTLY %%I.%%I;', s.schemaname, s.indexrelname) AS safe
FROM pg_stat_user_indexes s
JOIN pg_index x ON x.indexrelid = s.indexrelid
WHERE s.idx_scan = 0
  AND s.schemaname = ANY (%(schemas)s::text[])
  AND NOT (x.indisunique OR x.indisprimary OR x.indisexclusion OR x.indisreplident)
  AND x.indisvalid
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = x.indexrelid)
  AND pg_relation_size(s.relid) > 0
ORDER BY 1
