-- Text search parsers.
SELECT p.oid, n.nspname AS schema, p.prsname AS name, p.prsstart::text AS "start", p.prstoken::text AS gettoken,
       p.prsend::text AS "end", p.prslextype::text AS lextypes, nullif(p.prsheadline::text, '-') AS headline
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE p.prsnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_ts_parser'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
ORDER BY n.nspname, p.prsname
