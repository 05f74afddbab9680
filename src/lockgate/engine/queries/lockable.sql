SELECT w.name
FROM unnest(%s::text[]) WITH ORDINALITY AS w (name, place)
JOIN pg_catalog.pg_class c ON c.oid = to_regclass(w.name)
WHERE c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
ORDER BY w.place
