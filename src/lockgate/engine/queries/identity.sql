SELECT
  current_database()::text,
  (SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database()),
  pg_is_in_recovery(),
  current_setting('default_transaction_read_only')::boolean
