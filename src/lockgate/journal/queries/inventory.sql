-- A digest of the names and shapes of all objects outside of some schemas. Sums of hashes need no order, so each catalog
-- is read once. Partitions are left out: they come and go by themselves.
WITH place AS MATERIALIZED (
  SELECT oid, nspname::text AS name FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL (%(without)s::text[])
), relation AS MATERIALIZED (
  SELECT c.oid, p.name || '.' || c.relname AS name, c.relkind, c.relrowsecurity
  FROM pg_catalog.pg_class c JOIN place p ON p.oid = c.relnamespace WHERE NOT c.relispartition
), found (text) AS (
  SELECT 'schema ' || name FROM place
  UNION ALL
  SELECT concat_ws(' ', relkind, name, relrowsecurity) FROM relation
  UNION ALL
  SELECT concat_ws(' ', 'column', r.name, a.attname, a.attnotnull, a.atttypmod, CASE WHEN a.atttypid < 16384 THEN a.atttypid END)
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
  WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind NOT IN ('i', 'I')
  UNION ALL
  SELECT concat_ws(' ', 'constraint', r.name, o.conname, o.contype, o.convalidated)
  FROM relation r JOIN pg_catalog.pg_constraint o ON o.conrelid = r.oid WHERE o.contype <> 'n'
  UNION ALL
  SELECT concat_ws(' ', 'policy', r.name, o.polname) FROM relation r JOIN pg_catalog.pg_policy o ON o.polrelid = r.oid
  UNION ALL
  SELECT concat_ws(' ', 'trigger', r.name, t.tgname)
  FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT concat_ws(' ', 'routine', p.name, o.proname, o.pronargs, hashtextextended(o.prosrc, 0))
  FROM place p JOIN pg_catalog.pg_proc o ON o.pronamespace = p.oid
  UNION ALL
  SELECT concat_ws(' ', 'type', p.name, t.typname, t.typtype)
  FROM place p JOIN pg_catalog.pg_type t ON t.typnamespace = p.oid WHERE t.typtype IN ('d', 'e', 'r')
  UNION ALL
  SELECT concat_ws(' ', 'label', p.name, t.typname, e.enumlabel)
  FROM place p JOIN pg_catalog.pg_type t ON t.typnamespace = p.oid JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
)
SELECT count(*) || ':' || coalesce(sum(hashtextextended(text, 7)), 0) FROM found
