SELECT 1
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = pg_catalog.to_regclass(%(table)s)
  AND i.indisunique
  AND i.indnkeyatts = 1
  AND a.attname = %(column)s
