-- The columns of all relations and composite types, in their order. The rows of pg_constraint for NOT NULL exist
-- from PostgreSQL 18 on.
SELECT a.attrelid AS relation, a.attnum::int AS position, a.attname AS "column",
       format_type(a.atttypid, a.atttypmod) AS type, a.atttypid AS type_oid,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation,
       a.attnotnull AS not_null, nn.oid AS not_null_oid, nn.conname AS not_null_name,
       coalesce(nn.convalidated, true) AS not_null_valid, coalesce(nn.connoinherit, false) AS not_null_no_inherit,
       d.oid AS default_oid, pg_get_expr(d.adbin, d.adrelid) AS "default",
       a.attidentity::text AS identity, a.attgenerated::text AS generated,
       nullif(a.attstorage, t.typstorage)::text AS storage, a.attcompression::text AS compression,
       nullif(a.attstattarget, -1)::int AS statistics, a.attoptions AS options, a.attfdwoptions AS fdw_options,
       a.attislocal AS local, a.attinhcount::int AS inherited, a.attacl::text[] AS acl
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  AND c.relnamespace = ANY (%(schemas)s::oid[])
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
