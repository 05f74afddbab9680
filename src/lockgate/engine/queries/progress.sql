-- How far a long statement of one backend is, where the server tells: what it does, and of how much how much is done.
SELECT phase, done::float8, total::float8
FROM (
  SELECT phase,
    CASE WHEN tuples_total > 0 THEN tuples_done WHEN lockers_total > 0 THEN lockers_done ELSE blocks_done END AS done,
    CASE WHEN tuples_total > 0 THEN tuples_total WHEN lockers_total > 0 THEN lockers_total ELSE blocks_total END AS total
  FROM pg_catalog.pg_stat_progress_create_index WHERE pid = %(pid)s
  UNION ALL
  SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_cluster WHERE pid = %(pid)s
  UNION ALL
  SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = %(pid)s
  UNION ALL
  SELECT phase, sample_blks_scanned, sample_blks_total FROM pg_catalog.pg_stat_progress_analyze WHERE pid = %(pid)s
  UNION ALL
  SELECT command, bytes_processed, bytes_total FROM pg_catalog.pg_stat_progress_copy WHERE pid = %(pid)s
) AS p
LIMIT 1
