SELECT
  a.attname AS name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
  a.attnotnull AS not_null,
  a.attgenerated <> '' AS generated,
  s.correlation::double precision AS correlation,
  ARRAY(
    SELECT source.attname::text
    FROM pg_catalog.pg_attrdef AS d
    JOIN pg_catalog.pg_depend AS p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
      AND p.refclassid = 'pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid <> a.attnum
    JOIN pg_catalog.pg_attribute AS source ON source.attrelid = a.attrelid AND source.attnum = p.refobjsubid
    WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
  ) AS made_from
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stats AS s
  ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = %(table)s::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
