INSERT INTO auth.users (id, aud, role, email, phone, raw_user_meta_data, created_at, updated_at)
SELECT
  pg_temp.key('user', n),
  'authenticated',
  'authenticated',
  CASE WHEN n %% 33 <> 7 THEN 'person' || n || '-' || %(seed)s || '@example.' || pg_temp.pick('{com,com,com,org,net,jp,de,fr}', n, 10) END,
  CASE WHEN n %% 33 = 7 THEN '49' || lpad(n::text, 8, '0') || %(seed)s END,
  '{}',
  moment,
  moment
FROM generate_series(0, %(users)s - 1) AS n
CROSS JOIN LATERAL (
  SELECT timestamptz '2024-01-01 00:00:00+00' + interval '700 days' * (n::double precision / %(users)s)
) AS signed_up (moment);
