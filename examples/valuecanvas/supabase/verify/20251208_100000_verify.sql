-- Verify: Make users.full_name NOT NULL and stop filling it. Each query must return true.

SELECT attnotnull
FROM pg_catalog.pg_attribute
WHERE attrelid = 'public.users'::regclass AND attname = 'full_name';

SELECT NOT EXISTS (
  SELECT FROM pg_catalog.pg_constraint
  WHERE conrelid = 'public.users'::regclass AND conname = 'users_full_name_present'
);

SELECT NOT EXISTS (
  SELECT FROM pg_catalog.pg_trigger
  WHERE tgrelid = 'public.users'::regclass AND tgname = 'users_fill_full_name'
);
