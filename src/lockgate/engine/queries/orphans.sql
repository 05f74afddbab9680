SELECT pid, application_name, extract(epoch FROM clock_timestamp() - coalesce(query_start, backend_start)), left(query, 120)
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database()
  AND application_name ~ '^lockgate [0-9a-f]{16}'
  AND application_name !~ ' (lease|watch|read|backfill)$'
  AND left(application_name, 25) <> %s
  AND state <> 'idle'
  AND pid <> pg_backend_pid()
ORDER BY query_start
