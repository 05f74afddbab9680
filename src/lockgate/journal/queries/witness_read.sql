SELECT
  CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata WHERE oid = %(note)s)
    THEN lo_get(%(note)s, 0, 4000) END,
  to_regclass('lockgate.lease') IS NOT NULL,
  EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass('lockgate.run') AND attname = 'inventory' AND NOT attisdropped
  )
