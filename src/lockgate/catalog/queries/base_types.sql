-- Base types and shells: what CREATE TYPE with input and output functions made.
SELECT t.oid, n.nspname AS schema, t.typname AS name, o.rolname AS owner, t.typacl::text[] AS acl,
       t.typisdefined AS defined, t.typlen::int AS length, t.typbyval AS by_value, t.typalign::text AS alignment,
       t.typstorage::text AS storage, t.typcategory::text AS category, t.typispreferred AS preferred,
       t.typdelim::text AS delimiter, t.typdefault AS "default", t.typcollation <> 0 AS collatable,
       t.typinput::text AS input, t.typoutput::text AS output, t.typreceive::text AS receive,
       t.typsend::text AS send, t.typmodin::text AS typmod_in, t.typmodout::text AS typmod_out,
       t.typanalyze::text AS analyze, t.typsubscript::text AS subscript,
       CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_roles o ON o.oid = t.typowner
WHERE (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
       OR t.typtype = 'p' AND NOT t.typisdefined)
  AND t.typnamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
ORDER BY n.nspname, t.typname
