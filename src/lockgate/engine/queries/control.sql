-- Which server this is. The control file lags behind a promotion; the name of the current WAL file does not.
SELECT
  (SELECT system_identifier::text FROM pg_control_system()),
  CASE
    WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
  END
