SELECT
  t.tgname AS name,
  p.oid::regproc::text AS function,
  (t.tgtype & 1) <> 0 AS for_each_row,
  (t.tgtype & 2) <> 0 AS before,
  (t.tgtype & 4) <> 0 AS on_insert,
  (t.tgtype & 8) <> 0 AS on_delete,
  (t.tgtype & 16) <> 0 AS on_update,
  ARRAY(
    SELECT a.attname::text FROM unnest(t.tgattr) AS k (attnum)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.tgrelid AND a.attnum = k.attnum
  ) AS of_columns,
  t.tgenabled = 'A' AS always,
  t.tgconstraint <> 0 AND t.tgisinternal AS keeps_constraint
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = %(table)s::oid AND t.tgenabled IN ('O', 'A')
ORDER BY t.tgname
