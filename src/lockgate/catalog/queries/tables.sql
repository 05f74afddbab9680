-- Tables, partitioned tables and foreign tables.
SELECT c.oid, c.reltype AS type_oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS relkind,
       o.rolname AS owner, c.relacl::text[] AS acl, c.relpersistence::text AS persistence,
       am.amname AS access_method, ts.spcname AS tablespace, c.reloptions AS options,
       toast.reloptions AS toast_options, c.relreplident::text AS replica_identity, ri.relname AS replica_index,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
       parents.schemas AS parent_schemas, parents.names AS parent_names,
       srv.srvname AS server, ft.ftoptions AS fdw_options,
       c.reltuples::bigint AS rows, c.relpages::bigint * 8192 AS bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_roles o ON o.oid = c.relowner
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident
LEFT JOIN pg_class ri ON ri.oid = i.indexrelid
LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
LEFT JOIN pg_foreign_server srv ON srv.oid = ft.ftserver
LEFT JOIN (
    SELECT h.inhrelid, array_agg(pn.nspname::text ORDER BY h.inhseqno) AS schemas,
           array_agg(p.relname::text ORDER BY h.inhseqno) AS names
    FROM pg_inherits h
    JOIN pg_class p ON p.oid = h.inhparent
    JOIN pg_namespace pn ON pn.oid = p.relnamespace
    GROUP BY h.inhrelid
) parents ON parents.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'f')
  AND c.relnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY n.nspname, c.relname
