-- The types that some columns need, down to their parts: elements, attributes, bases of domains, bounds of ranges.
WITH RECURSIVE needed (oid) AS (
    SELECT unnest(%(types)s::int8[])::oid
    UNION
    SELECT part.oid
    FROM needed
    JOIN pg_type t ON t.oid = needed.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid
        UNION ALL SELECT t.typelem
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
        UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid
        UNION ALL SELECT a.atttypid FROM pg_attribute a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part
    WHERE part.oid <> 0
)
SELECT
    t.oid::int8,
    t.typname,
    format_type(t.oid, NULL),
    t.typtype,
    t.typbasetype::int8,
    CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END,
    t.typtypmod,
    t.typnotnull,
    CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem::int8 ELSE 0 END,
    (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
    COALESCE(
        (SELECT r.rngsubtype::int8 FROM pg_range r WHERE r.rngtypid = t.oid),
        (SELECT r.rngtypid::int8 FROM pg_range r WHERE r.rngmultitypid = t.oid),
        0
    ),
    (
        SELECT jsonb_agg(jsonb_build_array(a.atttypid::int8, a.atttypmod) ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ),
    (
        SELECT array_agg(pg_get_expr(k.conbin, 0) ORDER BY k.conname)
        FROM pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c'
    )
FROM pg_type t
WHERE t.oid IN (SELECT oid FROM needed)
