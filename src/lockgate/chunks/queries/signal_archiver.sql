SELECT
  current_setting('archive_mode') <> 'off',
  coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false),
  -- The distance from the last archived segment to the current one; needs no right to read directories.
  CASE WHEN a.last_archived_wal ~ '^[0-9A-F]{24}$' THEN
    greatest(0, pg_catalog.pg_wal_lsn_diff(
      pg_catalog.pg_current_wal_lsn(),
      (substr(a.last_archived_wal, 9, 8) || '/00000000')::pg_lsn
    ) / s.bytes - ('x' || substr(a.last_archived_wal, 17, 8))::bit(32)::bigint - 1)
  ELSE 0 END::double precision
FROM pg_catalog.pg_stat_archiver AS a,
  (SELECT setting::double precision AS bytes FROM pg_catalog.pg_settings WHERE name = 'wal_segment_size') AS s
