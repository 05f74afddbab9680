-- Triggers, those of foreign keys apart; a clone of a partitioned table's trigger has a parent. A guest stands on a
-- table of the platform and calls a function of the project, or the one of webhooks.
SELECT t.oid, n.nspname AS schema, c.relname AS name, t.tgname AS part, pg_get_triggerdef(t.oid) AS definition,
       fn.nspname AS function_schema, f.proname AS function_name, t.tgenabled::text AS enabled,
       t.tgparentid <> 0 AS inherited, c.relnamespace <> ALL (%(schemas)s::oid[]) AS guest
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
JOIN pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal
  AND (c.relnamespace = ANY (%(schemas)s::oid[])
       OR (0 = ANY (%(schemas)s::oid[])
           AND (f.pronamespace = ANY (%(schemas)s::oid[]) OR fn.nspname = 'supabase_functions')
           AND n.nspname IN ('auth', 'realtime', 'storage')
           AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin')))
ORDER BY n.nspname, c.relname, t.tgname
