SELECT
  count(*),
  current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
FROM pg_catalog.pg_stat_activity
WHERE backend_type = 'client backend' OR backend_type IS NULL
