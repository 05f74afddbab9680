-- Which relations of an API can be embedded into each other: by the name of a foreign key, and without one where there
-- is but one. PostgREST looks through views for the foreign keys below.
WITH relation AS (
  SELECT c.oid, pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (%(schemas)s)
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND EXISTS (
      SELECT FROM pg_catalog.pg_roles AS r
      WHERE r.rolname = ANY (%(roles)s) AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT')
    )
),
based AS (
  SELECT oid AS top, oid AS base FROM relation
  UNION
  SELECT w.ev_class, d.refobjid
  FROM pg_catalog.pg_rewrite AS w
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
),
linked AS (
  SELECT DISTINCT f.oid, f.conname, one.name AS one, other.name AS other
  FROM pg_catalog.pg_constraint AS f
  JOIN based AS a ON a.base = f.conrelid
  JOIN based AS b ON b.base = f.confrelid
  JOIN relation AS one ON one.oid = a.top
  JOIN relation AS other ON other.oid = b.top
  WHERE f.contype = 'f' AND f.conparentid = 0
)
SELECT pg_catalog.format('%%s and %%s can be embedded by the name %%I', one, other, conname) FROM linked
UNION
SELECT pg_catalog.format('%%s and %%s can be embedded without saying by which foreign key', one, other)
FROM linked GROUP BY one, other HAVING count(*) = 1
