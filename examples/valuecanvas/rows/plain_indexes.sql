-- Indexes of a table that stand behind no constraint, and how each was made. Those of the platform are left alone. The
-- index of a partitioned table is made with its parts, which get the names that they had.
SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
WHERE i.indrelid = %(table)s::regclass
  AND c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
ORDER BY i.indexrelid
