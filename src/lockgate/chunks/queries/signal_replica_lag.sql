WITH replica AS (
  SELECT
    coalesce(nullif(application_name, ''), pid::text) AS name,
    state IS NULL AS hidden,
    coalesce(extract(epoch FROM replay_lag), 0)::double precision AS seconds,
    coalesce(
      pg_catalog.pg_wal_lsn_diff(
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE pg_catalog.pg_current_wal_lsn() END,
        coalesce(replay_lsn, flush_lsn, write_lsn, sent_lsn)
      ), 0
    )::double precision AS bytes
  FROM pg_catalog.pg_stat_replication
  WHERE state IS DISTINCT FROM 'backup'
)
SELECT
  count(*),
  count(*) FILTER (WHERE hidden),
  coalesce(max(seconds), 0),
  coalesce(max(bytes), 0),
  (SELECT name FROM replica ORDER BY bytes DESC LIMIT 1)
FROM replica
