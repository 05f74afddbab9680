-- Publications; from 18 on they may carry stored generated columns.
SELECT p.oid, p.pubname AS name, o.rolname AS owner, p.puballtables AS all_tables, p.pubinsert, p.pubupdate,
       p.pubdelete, p.pubtruncate, p.pubviaroot AS via_root, nullif(p.pubgencols, 'n')::text AS generated_columns,
       ARRAY(SELECT n.nspname::text FROM pg_publication_namespace pn JOIN pg_namespace n ON n.oid = pn.pnnspid
             WHERE pn.pnpubid = p.oid ORDER BY 1) AS schemas
FROM pg_publication p
LEFT JOIN pg_roles o ON o.oid = p.pubowner
ORDER BY p.pubname
