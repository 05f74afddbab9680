-- Casts that a user made; those of range types came with the type.
SELECT k.oid, format_type(k.castsource, NULL) AS source, format_type(k.casttarget, NULL) AS target,
       k.castcontext::text AS context, k.castmethod::text AS method,
       CASE WHEN k.castfunc <> 0 THEN k.castfunc::regprocedure::text END AS function
FROM pg_cast k
WHERE k.oid >= 16384
  AND NOT EXISTS (
      SELECT FROM pg_depend i
      WHERE i.classid = 'pg_cast'::regclass AND i.objid = k.oid AND i.deptype = 'i')
  AND (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_cast'::regclass AND e.objid = k.oid AND e.deptype = 'e'))
ORDER BY 2, 3
