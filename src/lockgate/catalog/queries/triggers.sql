-- Triggers, those of foreign keys apart; a clone of a partitioned table's trigger has a parent.
SELECT t.oid, n.nspname AS schema, c.relname AS name, t.tgname AS part, pg_get_triggerdef(t.oid) AS definition,
       fn.nspname AS function_schema, f.proname AS function_name, t.tgenabled::text AS enabled,
       t.tgparentid <> 0 AS inherited
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
JOIN pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal
  AND c.relnamespace = ANY (%(schemas)s::oid[])
ORDER BY n.nspname, c.relname, t.tgname
