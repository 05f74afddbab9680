-- What tells whether anything in the catalog has changed: for every relation ('r') and routine ('f') a sum over the
-- places and the transactions of the rows that describe it, and for every other catalog ('x') one sum over its rows.
-- An update moves a row, an insert adds one, a delete takes one away, so that no change leaves the sum as it was. A
-- database that was cloned file by file has the same sums as its source.
WITH
parts (kind, oid, classid, version) AS (
    SELECT 'r', COALESCE(i.indrelid, c.oid), 1259, hashtidextended(c.ctid, c.xmin::text::int8)
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.oid >= 16384
    UNION ALL
    -- Of an index and of a TOAST table, nothing but a statistics target stands in its columns.
    SELECT 'r', COALESCE(i.indrelid, a.attrelid), 1249, hashtidextended(a.ctid, a.xmin::text::int8)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_index i ON i.indexrelid = a.attrelid
    WHERE a.attrelid >= 16384 AND a.attnum > 0 AND (c.relkind NOT IN ('i', 'I', 't') OR a.attstattarget > 0)
    UNION ALL
    SELECT 'r', adrelid, 2604, hashtidextended(ctid, xmin::text::int8) FROM pg_attrdef WHERE adrelid >= 16384
    UNION ALL
    SELECT CASE WHEN conrelid = 0 THEN 'x' ELSE 'r' END, CASE WHEN conrelid = 0 THEN 2606 ELSE conrelid END, 2606, hashtidextended(ctid, xmin::text::int8)
    FROM pg_constraint WHERE oid >= 16384
    UNION ALL
    SELECT 'r', indrelid, 2610, hashtidextended(ctid, xmin::text::int8) FROM pg_index WHERE indexrelid >= 16384
    UNION ALL
    SELECT 'r', tgrelid, 2620, hashtidextended(ctid, xmin::text::int8)
    FROM pg_trigger WHERE oid >= 16384 AND NOT tgisinternal
    UNION ALL
    SELECT 'r', polrelid, 3256, hashtidextended(ctid, xmin::text::int8) FROM pg_policy WHERE oid >= 16384
    UNION ALL
    SELECT 'r', ev_class, 2618, hashtidextended(ctid, xmin::text::int8) FROM pg_rewrite WHERE oid >= 16384
    UNION ALL
    SELECT 'r', COALESCE(i.indrelid, h.inhrelid), 2611, hashtidextended(h.ctid, h.xmin::text::int8)
    FROM pg_inherits h
    LEFT JOIN pg_index i ON i.indexrelid = h.inhrelid
    UNION ALL
    SELECT 'r', seqrelid, 2224, hashtidextended(ctid, xmin::text::int8) FROM pg_sequence
    UNION ALL
    SELECT 'r', ftrelid, 3118, hashtidextended(ctid, xmin::text::int8) FROM pg_foreign_table
    UNION ALL
    -- Who owns a sequence stands nowhere else.
    SELECT 'r', d.objid, 2608, hashtidextended(d.ctid, d.xmin::text::int8)
    FROM pg_sequence s
    JOIN pg_depend d ON d.classid = 1259 AND d.objid = s.seqrelid
    UNION ALL
    SELECT 'f', oid, 1255, hashtidextended(ctid, xmin::text::int8) FROM pg_proc WHERE oid >= 16384
    UNION ALL
    SELECT 'f', aggfnoid, 2600, hashtidextended(ctid, xmin::text::int8) FROM pg_aggregate WHERE aggfnoid >= 16384
    UNION ALL
    SELECT
        CASE
            WHEN d.classoid = 1255 THEN 'f'
            WHEN COALESCE(i.indrelid, k.conrelid, t.tgrelid, p.polrelid, w.ev_class, 0) > 0 THEN 'r'
            WHEN d.classoid = 1259 THEN 'r'
            ELSE 'x'
        END,
        CASE
            WHEN d.classoid IN (1255, 1259) AND i.indrelid IS NULL THEN d.objoid
            ELSE COALESCE(i.indrelid, nullif(k.conrelid, 0), t.tgrelid, p.polrelid, w.ev_class, d.classoid)
        END,
        2609, hashtidextended(d.ctid, d.xmin::text::int8)
    FROM pg_description d
    LEFT JOIN pg_index i ON i.indexrelid = d.objoid AND d.classoid = 1259
    LEFT JOIN pg_constraint k ON k.oid = d.objoid AND d.classoid = 2606
    LEFT JOIN pg_trigger t ON t.oid = d.objoid AND d.classoid = 2620
    LEFT JOIN pg_policy p ON p.oid = d.objoid AND d.classoid = 3256
    LEFT JOIN pg_rewrite w ON w.oid = d.objoid AND d.classoid = 2618
    WHERE d.objoid >= 16384 OR d.classoid = 2615
    UNION ALL
    SELECT 'x', 1247, 1247, hashtidextended(t.ctid, t.xmin::text::int8)
    FROM pg_type t
    LEFT JOIN pg_type e ON e.oid = t.typelem
    WHERE t.oid >= 16384 AND t.typrelid = 0 AND COALESCE(e.typrelid, 0) = 0
    UNION ALL
    SELECT 'x', 2608, 2608, hashtidextended(ctid, xmin::text::int8) FROM pg_depend WHERE deptype IN ('e', 'x')
    UNION ALL SELECT 'x', 3501, 3501, hashtidextended(ctid, xmin::text::int8) FROM pg_enum
    UNION ALL SELECT 'x', 3541, 3541, hashtidextended(ctid, xmin::text::int8) FROM pg_range
    UNION ALL SELECT 'x', 2615, 2615, hashtidextended(ctid, xmin::text::int8) FROM pg_namespace WHERE nspname !~ '^pg_t'
    UNION ALL SELECT 'x', 2617, 2617, hashtidextended(ctid, xmin::text::int8) FROM pg_operator WHERE oid >= 16384
    UNION ALL SELECT 'x', 2616, 2616, hashtidextended(ctid, xmin::text::int8) FROM pg_opclass WHERE oid >= 16384
    UNION ALL SELECT 'x', 2753, 2753, hashtidextended(ctid, xmin::text::int8) FROM pg_opfamily WHERE oid >= 16384
    UNION ALL SELECT 'x', 2602, 2602, hashtidextended(ctid, xmin::text::int8) FROM pg_amop WHERE oid >= 16384
    UNION ALL SELECT 'x', 2603, 2603, hashtidextended(ctid, xmin::text::int8) FROM pg_amproc WHERE oid >= 16384
    UNION ALL SELECT 'x', 2601, 2601, hashtidextended(ctid, xmin::text::int8) FROM pg_am
    UNION ALL SELECT 'x', 2605, 2605, hashtidextended(ctid, xmin::text::int8) FROM pg_cast WHERE oid >= 16384
    UNION ALL SELECT 'x', 2607, 2607, hashtidextended(ctid, xmin::text::int8) FROM pg_conversion WHERE oid >= 16384
    UNION ALL SELECT 'x', 3456, 3456, hashtidextended(ctid, xmin::text::int8) FROM pg_collation WHERE oid >= 16384
    UNION ALL SELECT 'x', 2612, 2612, hashtidextended(ctid, xmin::text::int8) FROM pg_language
    UNION ALL SELECT 'x', 3079, 3079, hashtidextended(ctid, xmin::text::int8) FROM pg_extension
    UNION ALL SELECT 'x', 3466, 3466, hashtidextended(ctid, xmin::text::int8) FROM pg_event_trigger
    UNION ALL SELECT 'x', 6104, 6104, hashtidextended(ctid, xmin::text::int8) FROM pg_publication
    UNION ALL SELECT 'x', 6106, 6106, hashtidextended(ctid, xmin::text::int8) FROM pg_publication_rel
    UNION ALL SELECT 'x', 6237, 6237, hashtidextended(ctid, xmin::text::int8) FROM pg_publication_namespace
    UNION ALL SELECT 'x', 2328, 2328, hashtidextended(ctid, xmin::text::int8) FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'x', 1417, 1417, hashtidextended(ctid, xmin::text::int8) FROM pg_foreign_server
    UNION ALL SELECT 'x', 1418, 1418, hashtidextended(ctid, xmin::text::int8) FROM pg_user_mapping
    UNION ALL SELECT 'x', 3381, 3381, hashtidextended(ctid, xmin::text::int8) FROM pg_statistic_ext
    UNION ALL SELECT 'x', 826, 826, hashtidextended(ctid, xmin::text::int8) FROM pg_default_acl
    UNION ALL SELECT 'x', 3600, 3600, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_dict WHERE oid >= 16384
    UNION ALL SELECT 'x', 3601, 3601, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_parser WHERE oid >= 16384
    UNION ALL SELECT 'x', 3602, 3602, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_config WHERE oid >= 16384
    UNION ALL SELECT 'x', 3603, 3603, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_config_map WHERE mapcfg >= 16384
    UNION ALL SELECT 'x', 3764, 3764, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_template WHERE oid >= 16384
    UNION ALL SELECT 'x', 3576, 3576, hashtidextended(ctid, xmin::text::int8) FROM pg_transform
    UNION ALL SELECT 'x', 3596, 3596, hashtidextended(ctid, xmin::text::int8) FROM pg_seclabel
    UNION ALL SELECT 'x', 3592, 3592, hashtidextended(ctid, xmin::text::int8) FROM pg_shseclabel
    -- Roles belong to all databases of a server; one that was changed and changed back must not look changed.
    UNION ALL SELECT 'x', 1260, 1260, hashtextextended(r::text, 0) FROM pg_roles r
    UNION ALL SELECT 'x', 1261, 1261, hashtidextended(ctid, xmin::text::int8) FROM pg_auth_members
    UNION ALL SELECT 'x', 2964, 2964, hashtidextended(ctid, xmin::text::int8) FROM pg_db_role_setting
    UNION ALL SELECT 'x', 1213, 1213, hashtidextended(ctid, xmin::text::int8) FROM pg_tablespace
)
-- What belongs to a TOAST table counts for the table that it serves.
SELECT parts.kind, COALESCE(served.oid, parts.oid)::int8 AS oid, sum(parts.version + parts.classid) AS total,
    count(*) AS parts
FROM parts
LEFT JOIN pg_class served ON served.reltoastrelid = parts.oid AND parts.kind = 'r'
GROUP BY parts.kind, COALESCE(served.oid, parts.oid)
