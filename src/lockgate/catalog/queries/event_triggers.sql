-- Event triggers; they lie in no schema. Those that call the platform's functions are the platform's.
SELECT t.oid, t.evtname AS name, t.evtevent AS event, t.evttags AS tags, t.evtenabled::text AS enabled,
       o.rolname AS owner, quote_ident(n.nspname) || '.' || quote_ident(f.proname) AS function
FROM pg_event_trigger t
JOIN pg_proc f ON f.oid = t.evtfoid
JOIN pg_namespace n ON n.oid = f.pronamespace
LEFT JOIN pg_roles o ON o.oid = t.evtowner
WHERE (%(members)s OR NOT EXISTS (
      SELECT FROM pg_depend e
      WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid AND e.deptype = 'e'))
  AND (n.oid = ANY (%(schemas)s::oid[]) OR 0 <> ALL (%(schemas)s::oid[])
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin'))
ORDER BY t.evtname
