SELECT
  c.oid::bigint AS oid,
  n.nspname AS schema,
  c.relname AS name,
  c.relkind::text AS kind,
  pg_catalog.pg_relation_filenode(c.oid)::bigint AS filenode,
  CASE WHEN c.relkind = 'p' THEN
    (SELECT coalesce(sum(pg_catalog.pg_relation_size(t.relid)), 0) FROM pg_catalog.pg_partition_tree(c.oid) AS t WHERE t.isleaf)
  ELSE pg_catalog.pg_relation_size(c.oid) END::bigint AS bytes,
  pg_catalog.current_setting('block_size')::bigint AS block_size,
  (SELECT setting::bigint * pg_catalog.current_setting('block_size')::bigint FROM pg_catalog.pg_settings
    WHERE name = 'shared_buffers') AS cache_bytes,
  coalesce((SELECT option_value::integer FROM pg_catalog.pg_options_to_table(c.reloptions)
    WHERE option_name = 'fillfactor'), 100) AS fillfactor,
  pg_catalog.row_security_active(c.oid) AS row_security,
  pg_catalog.has_table_privilege(c.oid, 'SELECT') AS may_select,
  ARRAY(SELECT t.relid::oid::bigint FROM pg_catalog.pg_partition_tree(c.oid) AS t
    WHERE t.isleaf AND c.relkind = 'p' ORDER BY t.relid) AS leaves,
  EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid) AND c.relkind = 'r' AS inherited
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = %(table)s::oid
