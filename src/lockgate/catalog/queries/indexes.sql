-- Indexes of every sort, with the constraint that owns them and the columns by number (0 is an expression).
SELECT c.oid, n.nspname AS schema, c.relname AS name, tn.nspname AS table_schema, t.relname AS table_name,
       i.indrelid AS relation, pg_get_indexdef(c.oid) AS definition, am.amname AS method,
       i.indisunique AS "unique", i.indisprimary AS "primary", i.indisvalid AS valid, i.indisready AS ready,
       i.indisclustered AS clustered, i.indisreplident AS replica_identity,
       i.indnullsnotdistinct AS nulls_not_distinct, i.indkey::smallint[] AS keys, i.indnkeyatts::int AS key_count,
       pg_get_expr(i.indpred, i.indrelid) AS predicate, c.reloptions AS options, ts.spcname AS tablespace,
       k.conname AS "constraint", k.oid AS constraint_oid, pn.nspname AS parent_schema, p.relname AS parent_name,
       targets.statistics, c.relpages::bigint * 8192 AS bytes
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN (
    SELECT a.attrelid, array_agg(ARRAY[a.attnum::int, a.attstattarget::int] ORDER BY a.attnum) AS statistics
    FROM pg_attribute a
    WHERE a.attstattarget >= 0
    GROUP BY a.attrelid
) targets ON targets.attrelid = c.oid
WHERE t.relkind IN ('r', 'p', 'm')
  AND c.relnamespace = ANY (%(schemas)s::oid[])
ORDER BY n.nspname, c.relname
