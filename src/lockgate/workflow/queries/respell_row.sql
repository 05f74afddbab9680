-- One row of the CLI's history under another version; where that is there already the old one goes.
WITH taken AS (
    DELETE FROM supabase_migrations.schema_migrations
    WHERE version = %(old)s
      AND EXISTS (SELECT FROM supabase_migrations.schema_migrations WHERE version = %(new)s)
    RETURNING version
)
UPDATE supabase_migrations.schema_migrations SET version = %(new)s, name = %(name)s
WHERE version = %(old)s
  AND NOT EXISTS (SELECT FROM supabase_migrations.schema_migrations WHERE version = %(new)s)
