-- An index is invalid: a concurrent build or rebuild of it failed.
--
-- It costs every write and serves no query; a unique one may even refuse rows. Nothing repairs it by itself, and
-- `IF NOT EXISTS` takes it for the index that was wanted. An index that is being built at the moment is not reported.
--
-- - https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
SELECT format('The index %%I.%%I of %%I is invalid.', n.nspname, i.relname, t.relname) AS message,
       'It costs every write to the table and serves no query.' AS why,
       CASE WHEN i.relname ~ '_ccnew\d*$'
            THEN format('DROP INDEX CONCURRENTLY %%I.%%I;', n.nspname, i.relname)
            ELSE format('REINDEX INDEX CONCURRENTLY %%I.%%I;', n.nspname, i.relname) END AS safe
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid
  AND i.relkind = 'i'
  AND n.nspname = ANY (%(schemas)s::text[])
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)
ORDER BY 1
