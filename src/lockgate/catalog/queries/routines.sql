-- Functions, procedures and window functions; aggregates stand in another query, and the constructors of range
-- types came with the type.
SELECT p.oid, n.nspname AS schema, p.proname AS name, p.prokind::text AS prokind,
       pg_get_function_identity_arguments(p.oid) AS identity_arguments, oidvectortypes(p.proargtypes) AS types,
       pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS returns,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition, l.lanname AS language, o.rolname AS owner,
       p.proacl::text[] AS acl, CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS body,
       p.provolatile::text AS volatility, p.proparallel::text AS parallel, p.proisstrict AS strict,
       p.proleakproof AS leakproof, p.prosecdef AS security_definer, p.proconfig AS settings,
       p.procost::float8 AS cost, p.prorows::float8 AS rows, p.pronargdefaults::int AS defaults,
       p.proargnames AS variables
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_roles o ON o.oid = p.proowner
WHERE p.prokind <> 'a'
  AND p.pronamespace = ANY (%(schemas)s::oid[])
  AND NOT EXISTS (
      SELECT FROM pg_depend i
      WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
ORDER BY n.nspname, p.proname, 6
