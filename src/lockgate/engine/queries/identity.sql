SELECT
  current_database()::text,
  (SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database()),
  pg_is_in_recovery(),
  current_setting('default_transaction_read_only')::boolean,
  current_setting('session_replication_role') <> 'origin',
  has_function_privilege('pg_control_system()', 'EXECUTE')
    AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE'),
  current_setting('synchronous_standby_names') <> '' AND current_setting('max_wal_senders')::integer > 0
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_replication)
