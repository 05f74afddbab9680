-- Who needs whom. The system's own objects have oids below 16384 and are not recorded; what only holds an object
-- together inside (toast tables, a table's row type) leads nowhere and is left out.
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype::text AS deptype
FROM pg_depend d
WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S')
  AND d.objid >= 16384
  AND d.refclassid <> 'pg_namespace'::regclass
  AND NOT (d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_am'::regclass)
  AND NOT (d.classid = 'pg_type'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i')
