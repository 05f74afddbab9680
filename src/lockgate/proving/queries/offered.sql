-- What an API over some schemas offers to some roles, one sentence for each thing that a client can rely on.
WITH caller AS (
  SELECT oid, rolname::text AS role FROM pg_catalog.pg_roles WHERE rolname = ANY (%(roles)s)
),
relation AS (
  SELECT
    c.oid,
    n.oid AS schema,
    pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS name,
    'security_invoker=true' = ANY (coalesce(c.reloptions, '{}')) OR c.relkind IN ('r', 'p') AS asks_as_caller,
    -- Whoever may write to a view can do so only while it is updatable; the bits are those of the command tags.
    pg_catalog.pg_relation_is_updatable(c.oid, true) AS takes
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
),
usable AS (
  SELECT caller.oid AS caller, caller.role, relation.*
  FROM caller
  CROSS JOIN relation
  WHERE pg_catalog.has_schema_privilege(caller.oid, relation.schema, 'USAGE')
),
allowed AS (
  SELECT u.role, u.oid, u.name, a.attname, a.atttypid, a.atttypmod, p.privilege
  FROM usable AS u
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = u.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN (VALUES ('SELECT', 0), ('INSERT', 8), ('UPDATE', 4)) AS p (privilege, bit)
  WHERE pg_catalog.has_column_privilege(u.caller, u.oid, a.attnum, p.privilege)
    AND (p.bit = 0 OR (u.takes & p.bit <> 0 AND a.attgenerated = ''))
    AND (p.privilege <> 'UPDATE' OR pg_catalog.pg_column_is_updatable(u.oid, a.attnum, true))
),
based AS (
  -- A view stands on the relations that its rule names; PostgREST looks through it for foreign keys.
  SELECT oid AS top, oid AS base FROM relation
  UNION
  SELECT w.ev_class, d.refobjid
  FROM pg_catalog.pg_rewrite AS w
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
  WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
)
SELECT pg_catalog.format('%%s may %%s %%s.%%I', role, lower(privilege), name, attname) FROM allowed
UNION
SELECT pg_catalog.format('%%s.%%I is %%s', name, attname, pg_catalog.format_type(atttypid, atttypmod)) FROM allowed
UNION
SELECT pg_catalog.format('%%s has the value %%L', pg_catalog.format_type(e.enumtypid, NULL), e.enumlabel)
FROM pg_catalog.pg_enum AS e WHERE e.enumtypid IN (SELECT atttypid FROM allowed)
UNION
SELECT pg_catalog.format('%%s may delete from %%s', role, name)
FROM usable WHERE takes & 16 <> 0 AND pg_catalog.has_table_privilege(caller, oid, 'DELETE')
UNION
SELECT pg_catalog.format('%%s applies row-level security', u.name)
FROM usable AS u
JOIN based AS b ON b.top = u.oid
JOIN pg_catalog.pg_class AS c ON c.oid = b.base
WHERE u.asks_as_caller AND c.relrowsecurity AND u.oid IN (SELECT oid FROM allowed)
