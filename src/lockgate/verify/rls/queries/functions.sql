-- Functions of ordinary schemas: those that policies call, and those that a client can call.
SELECT f.oid::int8,
       n.nspname,
       f.proname,
       pg_get_function_identity_arguments(f.oid),
       f.prosecdef,
       f.provolatile::text,
       f.proretset,
       t.typtype::text,
       format_type(f.prorettype, NULL),
       l.lanname,
       coalesce(pg_get_function_sqlbody(f.oid), f.prosrc),
       coalesce((SELECT jsonb_agg(jsonb_build_array(coalesce(f.proargnames[a.place], ''), format_type(a.type, NULL)) ORDER BY a.place)
                 FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY AS a (type, place)), '[]'),
       f.pronargdefaults,
       coalesce((SELECT jsonb_agg(r.rolname) FROM pg_roles AS r
                 WHERE r.rolname = ANY (%(roles)s) AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
                   AND has_schema_privilege(r.oid, f.pronamespace, 'USAGE')), '[]'),
       coalesce(obj_description(f.oid, 'pg_proc'), ''),
       coalesce((SELECT substring(setting FROM '=(.*)') FROM unnest(f.proconfig) AS setting
                 WHERE setting LIKE 'search\_path=%%'), '')
FROM pg_proc AS f
JOIN pg_namespace AS n ON n.oid = f.pronamespace
JOIN pg_type AS t ON t.oid = f.prorettype
JOIN pg_language AS l ON l.oid = f.prolang
WHERE f.prokind = 'f'
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND t.typname NOT IN ('trigger', 'event_trigger')
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
ORDER BY n.nspname, f.proname, f.oid
