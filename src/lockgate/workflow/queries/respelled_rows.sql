-- The rows of the Supabase CLI's history as they stand there; the name may be missing in old tables.
SELECT h.version, coalesce(to_jsonb(h) ->> 'name', '') AS name
FROM supabase_migrations.schema_migrations h
ORDER BY h.version
