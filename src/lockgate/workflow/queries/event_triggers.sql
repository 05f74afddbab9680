-- Event triggers that fire on changes of the schema, apart from those that belong to an extension.
SELECT t.evtname::text, t.evtevent::text, t.evtfoid::regproc::text, pg_get_userbyid(t.evtowner)::text
FROM pg_catalog.pg_event_trigger t
WHERE t.evtenabled IN ('O', 'A')
  AND t.evtevent <> 'login'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e'
  )
ORDER BY t.evtname
