-- The tables of publications, with column lists and row filters.
SELECT r.oid, r.prpubid AS publication, n.nspname AS schema, c.relname AS name,
       CASE WHEN r.prattrs IS NOT NULL THEN
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs) ORDER BY a.attnum) END AS columns,
       pg_get_expr(r.prqual, r.prrelid) AS "where"
FROM pg_publication_rel r
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY r.prpubid, n.nspname, c.relname
