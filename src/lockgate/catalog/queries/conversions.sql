-- Encoding conversions.
SELECT c.oid, n.nspname AS schema, c.conname AS name, o.rolname AS owner, c.condefault AS is_default,
       pg_encoding_to_char(c.conforencoding) AS source, pg_encoding_to_char(c.contoencoding) AS target,
       c.conproc::text AS function
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_roles o ON o.oid = c.conowner
WHERE c.connamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY n.nspname, c.conname
