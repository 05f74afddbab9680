SELECT extract(epoch FROM clock_timestamp() - stats_reset)::float8
FROM "counting schema".pg_stat_statements_info
