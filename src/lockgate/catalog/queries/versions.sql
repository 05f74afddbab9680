-- What tells whether anything in the catalog has changed: for every relation ('r') and routine ('f') a sum over the
-- places and the transactions of the rows that describe it, and one sum over all the rest ('x'). An update moves a
-- row, an insert adds one, a delete takes one away, so that no change leaves the sum as it was. A database that was
-- cloned file by file has the same sums as its source.
WITH
parts (kind, oid, classid, version) AS (
    SELECT 'r', COALESCE(i.indrelid, owner.oid, c.oid), 1259, hashtidextended(c.ctid, c.xmin::text::int8)
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class owner ON owner.reltoastrelid = c.oid AND c.relkind = 't'
    WHERE c.oid >= 16384 AND (i.indrelid >= 16384 OR i.indrelid IS NULL)
    UNION ALL
    SELECT 'r', COALESCE(i.indrelid, a.attrelid), 1249, hashtidextended(a.ctid, a.xmin::text::int8)
    FROM pg_attribute a
    LEFT JOIN pg_index i ON i.indexrelid = a.attrelid
    WHERE a.attrelid >= 16384 AND a.attnum > 0
    UNION ALL
    SELECT 'r', adrelid, 2604, hashtidextended(ctid, xmin::text::int8) FROM pg_attrdef WHERE adrelid >= 16384
    UNION ALL
    SELECT CASE WHEN conrelid = 0 THEN 'x' ELSE 'r' END, conrelid, 2606, hashtidextended(ctid, xmin::text::int8)
    FROM pg_constraint WHERE oid >= 16384
    UNION ALL
    SELECT 'r', indrelid, 2610, hashtidextended(ctid, xmin::text::int8) FROM pg_index WHERE indexrelid >= 16384
    UNION ALL
    SELECT 'r', tgrelid, 2620, hashtidextended(ctid, xmin::text::int8) FROM pg_trigger WHERE oid >= 16384
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
    SELECT 'r', COALESCE(i.indrelid, d.objid), 2608, hashtidextended(d.ctid, d.xmin::text::int8)
    FROM pg_depend d
    LEFT JOIN pg_index i ON i.indexrelid = d.objid
    WHERE d.classid = 1259 AND d.objid >= 16384
    UNION ALL
    SELECT 'f', oid, 1255, hashtidextended(ctid, xmin::text::int8) FROM pg_proc WHERE oid >= 16384
    UNION ALL
    SELECT 'f', aggfnoid, 2600, hashtidextended(ctid, xmin::text::int8) FROM pg_aggregate WHERE aggfnoid >= 16384
    UNION ALL
    SELECT
        CASE d.classoid WHEN 1259 THEN 'r' WHEN 1255 THEN 'f' ELSE 'x' END,
        CASE WHEN d.classoid IN (1259, 1255) THEN COALESCE(i.indrelid, d.objoid) ELSE 0 END,
        2609, hashtidextended(d.ctid, d.xmin::text::int8)
    FROM pg_description d
    LEFT JOIN pg_index i ON i.indexrelid = d.objoid AND d.classoid = 1259
    WHERE d.objoid >= 16384 OR d.classoid = 2615
    UNION ALL
    SELECT 'x', 0, 1247, hashtidextended(t.ctid, t.xmin::text::int8)
    FROM pg_type t
    LEFT JOIN pg_type e ON e.oid = t.typelem
    WHERE t.oid >= 16384 AND t.typrelid = 0 AND COALESCE(e.typrelid, 0) = 0
    UNION ALL
    SELECT 'x', 0, 2608, hashtidextended(ctid, xmin::text::int8) FROM pg_depend WHERE deptype IN ('e', 'x')
    UNION ALL SELECT 'x', 0, 3501, hashtidextended(ctid, xmin::text::int8) FROM pg_enum
    UNION ALL SELECT 'x', 0, 3541, hashtidextended(ctid, xmin::text::int8) FROM pg_range
    UNION ALL SELECT 'x', 0, 2615, hashtidextended(ctid, xmin::text::int8) FROM pg_namespace WHERE nspname !~ '^pg_t'
    UNION ALL SELECT 'x', 0, 2617, hashtidextended(ctid, xmin::text::int8) FROM pg_operator WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2616, hashtidextended(ctid, xmin::text::int8) FROM pg_opclass WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2753, hashtidextended(ctid, xmin::text::int8) FROM pg_opfamily WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2602, hashtidextended(ctid, xmin::text::int8) FROM pg_amop WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2603, hashtidextended(ctid, xmin::text::int8) FROM pg_amproc WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2601, hashtidextended(ctid, xmin::text::int8) FROM pg_am
    UNION ALL SELECT 'x', 0, 2605, hashtidextended(ctid, xmin::text::int8) FROM pg_cast WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2607, hashtidextended(ctid, xmin::text::int8) FROM pg_conversion WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 3456, hashtidextended(ctid, xmin::text::int8) FROM pg_collation WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 2612, hashtidextended(ctid, xmin::text::int8) FROM pg_language
    UNION ALL SELECT 'x', 0, 3079, hashtidextended(ctid, xmin::text::int8) FROM pg_extension
    UNION ALL SELECT 'x', 0, 3466, hashtidextended(ctid, xmin::text::int8) FROM pg_event_trigger
    UNION ALL SELECT 'x', 0, 6104, hashtidextended(ctid, xmin::text::int8) FROM pg_publication
    UNION ALL SELECT 'x', 0, 6106, hashtidextended(ctid, xmin::text::int8) FROM pg_publication_rel
    UNION ALL SELECT 'x', 0, 6237, hashtidextended(ctid, xmin::text::int8) FROM pg_publication_namespace
    UNION ALL SELECT 'x', 0, 2328, hashtidextended(ctid, xmin::text::int8) FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'x', 0, 1417, hashtidextended(ctid, xmin::text::int8) FROM pg_foreign_server
    UNION ALL SELECT 'x', 0, 1418, hashtidextended(ctid, xmin::text::int8) FROM pg_user_mapping
    UNION ALL SELECT 'x', 0, 3381, hashtidextended(ctid, xmin::text::int8) FROM pg_statistic_ext
    UNION ALL SELECT 'x', 0, 826, hashtidextended(ctid, xmin::text::int8) FROM pg_default_acl
    UNION ALL SELECT 'x', 0, 3600, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_dict WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 3601, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_parser WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 3602, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_config WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 3603, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_config_map WHERE mapcfg >= 16384
    UNION ALL SELECT 'x', 0, 3764, hashtidextended(ctid, xmin::text::int8) FROM pg_ts_template WHERE oid >= 16384
    UNION ALL SELECT 'x', 0, 3576, hashtidextended(ctid, xmin::text::int8) FROM pg_transform
    UNION ALL SELECT 'x', 0, 3596, hashtidextended(ctid, xmin::text::int8) FROM pg_seclabel
    UNION ALL SELECT 'x', 0, 3592, hashtidextended(ctid, xmin::text::int8) FROM pg_shseclabel
    UNION ALL SELECT 'x', 0, 1260, hashtidextended(ctid, xmin::text::int8) FROM pg_authid
    UNION ALL SELECT 'x', 0, 1261, hashtidextended(ctid, xmin::text::int8) FROM pg_auth_members
    UNION ALL SELECT 'x', 0, 2964, hashtidextended(ctid, xmin::text::int8) FROM pg_db_role_setting
    UNION ALL SELECT 'x', 0, 1213, hashtidextended(ctid, xmin::text::int8) FROM pg_tablespace
)
SELECT kind, oid::int8, sum(version + classid), count(*)
FROM parts
GROUP BY kind, oid
