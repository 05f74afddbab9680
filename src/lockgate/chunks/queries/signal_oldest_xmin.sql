WITH holder AS (
  SELECT
    format('process %%s%%s', pid, CASE WHEN state LIKE 'idle in%%' THEN ' (' || state || ')' ELSE '' END) AS name,
    extract(epoch FROM clock_timestamp() - xact_start)::double precision AS seconds,
    pg_catalog.age(coalesce(backend_xmin, backend_xid)) AS age
  FROM pg_catalog.pg_stat_activity
  WHERE coalesce(backend_xmin, backend_xid) IS NOT NULL
    AND pid <> pg_catalog.pg_backend_pid() AND pid <> ALL (%(pids)s::integer[])
    AND backend_type <> 'walsender' AND query NOT LIKE 'autovacuum:%%' AND query NOT ILIKE 'vacuum%%'
    AND (datname = current_database() OR datname IS NULL)
  UNION ALL
  SELECT format('prepared transaction %%s', gid), extract(epoch FROM clock_timestamp() - prepared)::double precision,
    pg_catalog.age(transaction)
  FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()
  UNION ALL
  SELECT format('slot %%s', slot_name), NULL, greatest(pg_catalog.age(xmin), CASE WHEN datoid IS NULL THEN pg_catalog.age(catalog_xmin) ELSE 0 END)
  FROM pg_catalog.pg_replication_slots WHERE xmin IS NOT NULL
  UNION ALL
  SELECT format('standby %%s (feedback)', coalesce(nullif(application_name, ''), pid::text)), NULL, pg_catalog.age(backend_xmin)
  FROM pg_catalog.pg_stat_replication WHERE backend_xmin IS NOT NULL
)
SELECT
  (SELECT name FROM holder ORDER BY coalesce(seconds, 0) DESC, age DESC LIMIT 1),
  (SELECT seconds FROM holder ORDER BY coalesce(seconds, 0) DESC, age DESC LIMIT 1),
  coalesce((SELECT max(age) FROM holder), 0)
