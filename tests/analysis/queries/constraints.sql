SELECT n.nspname || '.' || c.relname, k.conname, k.contype::text, k.convalidated,
       coalesce((SELECT array_agg(a.attname::text ORDER BY p.place)
                   FROM unnest(k.conkey) WITH ORDINALITY AS p (number, place)
                   JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number), '{}'),
       coalesce(k.confrelid::regclass::text, '-'), k.confdeltype::text
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND k.contype IN ('p', 'u', 'f', 'c', 'x')
   AND k.conparentid = 0
