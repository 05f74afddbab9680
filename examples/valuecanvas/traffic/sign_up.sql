-- role: supabase_auth_admin
INSERT INTO auth.users (id, aud, role, email, phone, raw_user_meta_data, created_at, updated_at)
VALUES (
  gen_random_uuid(),
  'authenticated',
  'authenticated',
  CASE WHEN %(n)s %% 5 <> 0 THEN 'new-' || gen_random_uuid() || '@example.com' END,
  CASE WHEN %(n)s %% 5 = 0 THEN '+' || gen_random_uuid() END,
  jsonb_build_object('first_name', 'New', 'last_name', 'Person ' || %(n)s),
  now(),
  now()
)
