-- Rewrite rules, the one that makes a view a view apart.
SELECT w.oid, n.nspname AS schema, c.relname AS name, w.rulename AS part,
       rtrim(pg_get_ruledef(w.oid), ';') AS definition, w.ev_enabled::text AS enabled
FROM pg_rewrite w
JOIN pg_class c ON c.oid = w.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE w.rulename <> '_RETURN'
  AND c.relnamespace = ANY (%(schemas)s::oid[])
ORDER BY n.nspname, c.relname, w.rulename
