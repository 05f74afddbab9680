SELECT n.nspname || '.' || t.relname, c.relname, i.indisunique, i.indisprimary, i.indisvalid, m.amname,
       (SELECT array_agg(coalesce(a.attname::text, '(expression)') ORDER BY p.place)
          FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS p (number, place)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number AND p.number > 0
         WHERE p.place <= i.indnkeyatts),
       i.indpred IS NOT NULL,
       coalesce((SELECT h.inhparent::regclass::text FROM pg_inherits h WHERE h.inhrelid = c.oid), '-')
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_am m ON m.oid = c.relam
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
