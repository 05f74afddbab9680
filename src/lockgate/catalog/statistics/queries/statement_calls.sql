-- The counters alone, without the texts, which lie in a file.
SELECT s.queryid::text AS id, sum(s.calls)::bigint AS calls
FROM "counting schema".pg_stat_statements(false) s
WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND s.queryid IS NOT NULL
GROUP BY s.queryid
