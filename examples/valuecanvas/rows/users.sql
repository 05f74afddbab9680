INSERT INTO public.users (
  id, email, first_name, last_name,
  full_name,  -- if there is one
  avatar_path, locale, created_at, updated_at
)
SELECT
  a.id,
  a.email,
  person.first_name,
  person.last_name,
  coalesce(nullif(concat_ws(' ', person.first_name, person.last_name), ''), 'Unnamed'),  -- if there is one
  CASE WHEN pg_temp.share(n, 11) < 0.4 THEN a.id || '/avatar.webp' END,
  pg_temp.pick('{en,en,en,en-GB,de,fr,es,ja,pt-BR,ar}', n, 12),
  a.created_at,
  a.created_at + interval '30 days' * pg_temp.share(n, 13)
FROM generate_series(0, %(users)s - 1) AS n
CROSS JOIN LATERAL (
  SELECT
    CASE WHEN pg_temp.share(n, 14) > 0.06 THEN pg_temp.pick(
      '{Ada,Grace,José,Zoë,Łukasz,Siân,Nguyễn,Øystein,一郎,美咲,서연,Πλάτων,Алексей,فاطمة,דוד,अनिता,Chloé,Jürgen,Mary-Jane,Ìfẹ́}', n, 15) END,
    CASE WHEN pg_temp.share(n, 16) > 0.11 THEN pg_temp.pick(
      '{Lovelace,Hopper,Núñez,Brontë,Wałęsa,"van der Berg",O''Brien,Müller,鈴木,佐藤,김,Παπαδόπουλος,Иванова,الزهراء,כהן,शर्मा,Smith-Jones,"de la Cruz",D''Angelo,Ng}', n, 17) END
  OFFSET 0
) AS person (first_name, last_name)
CROSS JOIN LATERAL (
  SELECT
    pg_temp.key('user', n),
    CASE WHEN n %% 33 <> 7 THEN 'person' || n || '-' || %(seed)s || '@example.' || pg_temp.pick('{com,com,com,org,net,jp,de,fr}', n, 10) END,
    timestamptz '2024-01-01 00:00:00+00' + interval '700 days' * (n::double precision / %(users)s)
  OFFSET 0
) AS a (id, email, created_at);
