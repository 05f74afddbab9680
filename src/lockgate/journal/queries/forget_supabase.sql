-- In whichever spelling the version stands there.
DELETE FROM supabase_migrations.schema_migrations
WHERE version = %(version)s
  OR (version = left(%(version)s, 8) AND (name = %(time)s OR name LIKE %(time)s || '\_%%'))
