WITH caller AS (
  SELECT oid, rolname::text AS role FROM pg_catalog.pg_roles WHERE rolname = ANY (%(roles)s)
),
relation AS (
  SELECT c.oid, n.oid AS schema, pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS name, c.relkind, c.relrowsecurity
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
  CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) AS p (privilege)
  WHERE pg_catalog.has_column_privilege(u.caller, u.oid, a.attnum, p.privilege)
),
routine AS (
  SELECT
    p.oid,
    n.oid AS schema,
    pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name,
    pg_catalog.pg_get_function_result(p.oid) AS result
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname = ANY (%(schemas)s)
    AND p.prokind IN ('f', 'p')
    AND p.prorettype NOT IN ('trigger'::pg_catalog.regtype, 'event_trigger'::pg_catalog.regtype)
)
SELECT pg_catalog.format('%%s may %%s %%s.%%I', role, lower(privilege), name, attname) FROM allowed
UNION
SELECT pg_catalog.format('%%s.%%I is %%s', name, attname, pg_catalog.format_type(atttypid, atttypmod)) FROM allowed
UNION
SELECT pg_catalog.format('%%s may delete from %%s', role, name)
FROM usable WHERE pg_catalog.has_table_privilege(caller, oid, 'DELETE')
UNION
SELECT pg_catalog.format('%%s applies row-level security', name)
FROM usable WHERE relrowsecurity AND oid IN (SELECT oid FROM allowed)
UNION
SELECT pg_catalog.format('%%s may call %%s returns %%s', caller.role, routine.name, routine.result)
FROM caller
CROSS JOIN routine
WHERE pg_catalog.has_schema_privilege(caller.oid, routine.schema, 'USAGE')
  AND pg_catalog.has_function_privilege(caller.oid, routine.oid, 'EXECUTE')
