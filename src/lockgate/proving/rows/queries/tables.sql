-- The shape of tables as row generation needs it: excluded names schemas to leave out, only restricts by oid.
SELECT
    c.oid::int8,
    n.nspname,
    c.relname,
    CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END,
    CASE WHEN c.relispartition THEN (
        SELECT array_agg(a.relid::oid::int8) FROM pg_partition_ancestors(c.oid) a WHERE a.relid <> c.oid
    ) END,
    (
        SELECT jsonb_agg(jsonb_build_object(
            'number', a.attnum, 'name', a.attname, 'type', a.atttypid::int8, 'typmod', a.atttypmod,
            'sql', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
            'default', a.atthasdef, 'identity', a.attidentity, 'generated', a.attgenerated
        ) ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    (
        SELECT jsonb_agg(jsonb_build_object(
            'name', k.conname, 'kind', k.contype, 'columns', k.conkey,
            'target', k.confrelid::int8,
            'target_name', (
                SELECT jsonb_build_array(tn.nspname, tc.relname)
                FROM pg_class tc JOIN pg_namespace tn ON tn.oid = tc.relnamespace
                WHERE tc.oid = k.confrelid
            ),
            'target_columns', (
                SELECT jsonb_agg(ta.attname ORDER BY key.place)
                FROM unnest(k.confkey) WITH ORDINALITY AS key (number, place)
                JOIN pg_attribute ta ON ta.attrelid = k.confrelid AND ta.attnum = key.number
            ),
            'expression', CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) END
        ) ORDER BY k.conname)
        FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f')
            -- A key to a partitioned table has one more entry for each of its partitions.
            AND NOT EXISTS (
                SELECT FROM pg_constraint up WHERE up.oid = k.conparentid AND up.conrelid = k.conrelid
            )
    ),
    (
        SELECT jsonb_agg(DISTINCT to_jsonb(i.indkey::int2[]))
        FROM pg_index i
        WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)
    )
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
    AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%(excluded)s::text[])
    AND (%(only)s::int8[] IS NULL OR c.oid::int8 = ANY (%(only)s::int8[]))
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname
