-- What the cumulative statistics have counted of each table until now.
SELECT
  relid::bigint AS oid,
  coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS scans,
  n_tup_ins + n_tup_upd + n_tup_del AS row_writes
FROM pg_catalog.pg_stat_user_tables
