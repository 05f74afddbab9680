WITH RECURSIVE base AS (
  SELECT oid, typname, typcategory, typtype, typbasetype FROM pg_catalog.pg_type WHERE oid = %(oid)s
  UNION ALL
  SELECT t.oid, t.typname, t.typcategory, t.typtype, t.typbasetype
  FROM base AS b
  JOIN pg_catalog.pg_type AS t ON t.oid = b.typbasetype
  WHERE b.typtype = 'd'
)
SELECT
  typname,
  typcategory::text,
  (SELECT enumlabel::text FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = base.oid ORDER BY enumsortorder LIMIT 1)
FROM base
WHERE typtype <> 'd'
