-- Text search templates.
SELECT t.oid, n.nspname AS schema, t.tmplname AS name, nullif(t.tmplinit::text, '-') AS init,
       t.tmpllexize::text AS lexize
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.tmplnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_ts_template'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
ORDER BY n.nspname, t.tmplname
