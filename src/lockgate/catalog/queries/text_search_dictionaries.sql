-- Text search dictionaries; the options are SQL already.
SELECT d.oid, n.nspname AS schema, d.dictname AS name, o.rolname AS owner, d.dictinitoption AS options,
       quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
LEFT JOIN pg_roles o ON o.oid = d.dictowner
WHERE d.dictnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = d.oid AND e.deptype = 'e'))
ORDER BY n.nspname, d.dictname
