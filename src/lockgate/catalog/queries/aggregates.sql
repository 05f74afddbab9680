-- Aggregates, with all that CREATE AGGREGATE can say; an oid of 0 is printed as '-' by regproc.
SELECT p.oid, n.nspname AS schema, p.proname AS name, oidvectortypes(p.proargtypes) AS types,
       pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS returns,
       o.rolname AS owner, p.proacl::text[] AS acl, p.proparallel::text AS parallel,
       a.aggkind::text AS kind, a.aggtransfn::text AS sfunc, format_type(a.aggtranstype, NULL) AS stype,
       a.aggtransspace AS sspace, a.aggfinalfn::text AS finalfunc, a.aggfinalextra AS finalfunc_extra,
       a.aggfinalmodify::text AS finalfunc_modify, a.aggcombinefn::text AS combinefunc,
       a.aggserialfn::text AS serialfunc, a.aggdeserialfn::text AS deserialfunc, a.agginitval AS initcond,
       a.aggmtransfn::text AS msfunc, a.aggminvtransfn::text AS minvfunc,
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS mstype,
       a.aggmtransspace AS msspace, a.aggmfinalfn::text AS mfinalfunc, a.aggmfinalextra AS mfinalfunc_extra,
       a.aggmfinalmodify::text AS mfinalfunc_modify, a.aggminitval AS minitcond,
       CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoper::text END AS sortop
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_roles o ON o.oid = p.proowner
WHERE p.pronamespace = ANY (%(schemas)s::oid[])
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
ORDER BY n.nspname, p.proname, 4
