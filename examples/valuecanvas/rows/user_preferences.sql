INSERT INTO public.user_preferences (user_id, theme, email_digest, settings, created_at, updated_at)
SELECT
  pg_temp.key('user', n),
  pg_temp.pick('{system,system,light,dark}', n, 20)::public.theme,
  pg_temp.share(n, 21) < 0.7,
  CASE WHEN pg_temp.share(n, 22) < 0.8 THEN '{}'::jsonb
    ELSE jsonb_build_object('grid', n %% 2 = 0, 'zoom', n %% 200, 'tours', jsonb_build_array('welcome', 'share')) END,
  timestamptz '2025-12-01 15:00:00+00',
  timestamptz '2025-12-01 15:00:00+00'
FROM generate_series(0, %(users)s - 1) AS n
WHERE pg_temp.share(n, 23) < 0.6;
