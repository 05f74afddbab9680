-- A constraint was never validated.
--
-- It holds for new rows, but older ones may break it, so the planner cannot rely on it and a row that breaks it cannot be
-- changed any more. `VALIDATE CONSTRAINT` reads the table while writes go on.
--
-- - https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT
SELECT format('The constraint %%I of %%I.%%I was never validated.', k.conname, n.nspname, c.relname) AS message,
       'Older rows may break it, and cannot be changed then.' AS why,
       format('ALTER TABLE %%I.%%I VALIDATE CONSTRAINT %%I;', n.nspname, c.relname, k.conname) AS safe
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT k.convalidated
  AND k.conparentid = 0
  AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  AND n.nspname = ANY (%(schemas)s::text[])
ORDER BY 1
