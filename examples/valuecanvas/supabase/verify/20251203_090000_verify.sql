-- Verify: Prove that every user has a full name. Each query must return true.

-- Either by the validated CHECK, or later by NOT NULL, which takes its place.
SELECT attnotnull OR EXISTS (
  SELECT FROM pg_catalog.pg_constraint
  WHERE conrelid = 'public.users'::regclass AND conname = 'users_full_name_present' AND convalidated
)
FROM pg_catalog.pg_attribute
WHERE attrelid = 'public.users'::regclass AND attname = 'full_name';
