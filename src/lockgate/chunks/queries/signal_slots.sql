SELECT slot.name, coalesce(slot.bytes, 0)::double precision, coalesce(setting.bytes, -1)::double precision
FROM (
  SELECT CASE WHEN setting = '-1' THEN -1 ELSE setting::double precision * 1048576 END AS bytes
  FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'
) AS setting
LEFT JOIN (
  SELECT slot_name::text AS name, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) AS bytes
  FROM pg_catalog.pg_replication_slots
  WHERE restart_lsn IS NOT NULL
  ORDER BY 2 DESC LIMIT 1
) AS slot ON true
