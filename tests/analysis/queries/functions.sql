SELECT n.nspname || '.' || p.proname, p.provolatile::text, p.prosecdef, p.prokind::text, p.pronargs::int,
       coalesce(p.proconfig::text[], '{}')
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
