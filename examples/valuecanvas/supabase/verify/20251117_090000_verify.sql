-- Verify: Create users, one row for each sign-up. Each query must return true.

SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = 'public.users'::regclass;

SELECT NOT has_table_privilege('anon', 'public.users', 'SELECT');

SELECT NOT EXISTS (
  SELECT FROM auth.users AS a
  WHERE a.created_at > now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM public.users AS u WHERE u.id = a.id)
);
