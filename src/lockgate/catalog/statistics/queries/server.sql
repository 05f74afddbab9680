-- The server and its settings that decide how long things take; what a session set for itself does not count.
SELECT
  current_setting('server_version_num')::integer AS version_num,
  current_database()::text AS database,
  pg_is_in_recovery() AS in_recovery,
  current_setting('block_size')::bigint AS block_size,
  (SELECT sum(numbackends)::integer FROM pg_catalog.pg_stat_database) AS connections,
  CASE WHEN clock_timestamp() >= d.stats_reset THEN extract(epoch FROM clock_timestamp() - d.stats_reset) END::float8
    AS counted_seconds,
  CASE WHEN d.blk_read_time > 0 AND d.blks_read > 1000 THEN d.blk_read_time / 1000 / d.blks_read END::float8
    AS seconds_per_block,
  pg_has_role('pg_read_all_stats', 'USAGE') AS sees_everybody,
  (
    SELECT jsonb_object_agg(
      s.name,
      CASE s.unit
        WHEN '8kB' THEN s.reset_val::bigint * 8192 || ' bytes'
        WHEN 'kB' THEN s.reset_val::bigint * 1024 || ' bytes'
        WHEN 'MB' THEN s.reset_val::bigint * 1048576 || ' bytes'
        ELSE concat_ws(' ', s.reset_val, s.unit)
      END
    )
    FROM pg_catalog.pg_settings s
    WHERE s.name IN (
      'autovacuum_freeze_max_age', 'deadlock_timeout', 'effective_cache_size', 'idle_in_transaction_session_timeout',
      'lock_timeout', 'maintenance_work_mem', 'max_connections', 'max_parallel_maintenance_workers', 'max_wal_size',
      'search_path', 'shared_buffers', 'statement_timeout', 'TimeZone', 'track_io_timing', 'wal_level'
    )
  ) AS settings
FROM pg_catalog.pg_stat_database d
WHERE d.datname = current_database()
