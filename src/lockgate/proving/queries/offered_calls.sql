-- The functions of an API that some roles may call, with the names and types of what goes in and comes out.
SELECT
  c.rolname::text,
  pg_catalog.format('%%I.%%I', n.nspname, p.proname),
  coalesce(p.proargnames, '{}'),
  coalesce(p.proargmodes::text[], pg_catalog.array_fill('i'::text, ARRAY[p.pronargs])),
  ARRAY(
    SELECT pg_catalog.format_type(t.oid, NULL)
    FROM pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS t (oid, place)
    ORDER BY t.place
  ),
  p.pronargdefaults,
  pg_catalog.pg_get_function_result(p.oid)
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_roles AS c ON c.rolname = ANY (%(roles)s)
WHERE n.nspname = ANY (%(schemas)s)
  AND p.prokind IN ('f', 'p')
  AND p.prorettype NOT IN ('trigger'::pg_catalog.regtype, 'event_trigger'::pg_catalog.regtype)
  AND pg_catalog.has_schema_privilege(c.oid, n.oid, 'USAGE')
  AND pg_catalog.has_function_privilege(c.oid, p.oid, 'EXECUTE')
