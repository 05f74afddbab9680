-- The most frequent statements of this database. The texts are read to find the relations in them, and then forgotten.
SELECT
  s.queryid::text AS id,
  sum(s.calls)::bigint AS calls,
  (sum(s.total_exec_time) / nullif(sum(s.calls), 0) / 1000)::float8 AS mean_seconds,
  min(s.query)::text AS text
FROM "counting schema".pg_stat_statements s
WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND s.queryid IS NOT NULL AND s.query <> '<insufficient privilege>'
  AND s.query ~* '^(\s|\(|/\*.*?\*/|--[^\n]*\n)*(select|insert|update|delete|merge|with|table|copy)\y'
GROUP BY s.queryid
ORDER BY 2 DESC, 1
LIMIT 2000
