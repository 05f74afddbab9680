-- What belongs to extensions.
SELECT d.classid, d.objid, x.extname AS extension
FROM pg_depend d
JOIN pg_extension x ON x.oid = d.refobjid
WHERE d.deptype = 'e'
  AND d.refclassid = 'pg_extension'::regclass
