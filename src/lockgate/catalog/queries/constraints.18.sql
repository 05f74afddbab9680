-- The constraints of tables and domains, NOT NULL and constraint triggers apart; from 18 on one may not be enforced.
SELECT k.oid, n.nspname AS schema, coalesce(c.relname, dt.typname) AS name, k.conname AS part,
       k.contypid <> 0 AS on_domain, k.contype::text AS type, pg_get_constraintdef(k.oid) AS definition,
       k.convalidated AS validated, k.condeferrable AS deferrable, k.condeferred AS deferred, k.conenforced AS enforced,
       k.connoinherit AS no_inherit, NOT k.conislocal OR k.conparentid <> 0 AS inherited,
       k.conrelid AS relation, k.conkey AS columns,
       fn.nspname AS foreign_schema, f.relname AS foreign_name, k.confrelid AS foreign_relation,
       k.confkey AS foreign_columns, k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete,
       i_n.nspname AS index_schema, i.relname AS index_name
FROM pg_constraint k
LEFT JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_type dt ON dt.oid = k.contypid
JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, dt.typnamespace)
LEFT JOIN pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_class i ON i.oid = k.conindid
LEFT JOIN pg_namespace i_n ON i_n.oid = i.relnamespace
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
  AND coalesce(c.relnamespace, dt.typnamespace) = ANY (%(schemas)s::oid[])
ORDER BY 2, 3, 4
