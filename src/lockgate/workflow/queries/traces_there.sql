-- Which of some objects are there, by their place in the list. Names of 63 bytes and more are stored cut off.
SELECT w.number
FROM unnest(%(kinds)s::text[], %(schemas)s::text[], %(tables)s::text[], %(names)s::text[])
  WITH ORDINALITY AS w (kind, schema, "table", name, number)
WHERE CASE w.kind
  WHEN 'schema' THEN EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = w.name::name)
  ELSE EXISTS (
    SELECT FROM pg_catalog.pg_namespace n
    WHERE (n.nspname = coalesce(w.schema::name, current_schema()) OR %(anywhere)s AND w.schema IS NULL)
      AND CASE w.kind
        WHEN 'relation' THEN EXISTS (
          SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = w.name::name)
        WHEN 'type' THEN EXISTS (
          SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid AND t.typname = w.name::name)
        WHEN 'routine' THEN EXISTS (
          SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND p.proname = w.name::name)
        ELSE EXISTS (
          SELECT FROM pg_catalog.pg_class c
          WHERE c.relnamespace = n.oid AND c.relname = w."table"::name AND CASE w.kind
            WHEN 'column' THEN EXISTS (
              SELECT FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attname = w.name::name AND NOT a.attisdropped)
            WHEN 'constraint' THEN EXISTS (
              SELECT FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid AND o.conname = w.name::name)
            WHEN 'policy' THEN EXISTS (
              SELECT FROM pg_catalog.pg_policy o WHERE o.polrelid = c.oid AND o.polname = w.name::name)
            ELSE EXISTS (
              SELECT FROM pg_catalog.pg_trigger o WHERE o.tgrelid = c.oid AND o.tgname = w.name::name)
          END)
      END)
END
